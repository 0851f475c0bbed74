// Connects to 127.0.0.1 at the given port and sends Go's hello: that of crypto/tls, or with the second
// argument http1 or http2 that of net/http as restic sets it up. Go 1.13 or newer. What a program sends
// depends on the go line of its go.mod as well: Go keeps older defaults for older modules.
package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
)

func main() {
	address := "127.0.0.1:" + os.Args[1]
	if len(os.Args) > 2 {
		dialer := &net.Dialer{}
		client := &http.Client{Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			ForceAttemptHTTP2: os.Args[2] == "http2",
			TLSClientConfig:   &tls.Config{},
		}}
		client.Get("https://vault.example/")
		return
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	tls.Client(conn, &tls.Config{ServerName: "vault.example"}).Handshake()
}
