"""Counts the TCP segments that a port of this machine sends over loopback, and those that reset.

Prints "ready", then waits for the end of its input, then prints {"sent": n, "resets": n}.
Usage: reset-capture.py PORT (needs the right to open a packet socket)
"""

import json
import select
import socket
import struct
import sys

ETHERNET_HEADER = 14
RESET = 0x04
OUTGOING = 4
port = int(sys.argv[1])
capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(0x0800))
capture.bind(("lo", 0))
capture.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
print("ready", flush=True)

sent = resets = 0
finishing = False
while True:
    readable, _, _ = select.select([capture, sys.stdin], [], [], 0.2 if finishing else None)
    if sys.stdin in readable and not finishing:
        finishing = sys.stdin.buffer.read(1) == b""
        continue
    if capture not in readable:
        if finishing:
            break
        continue
    frame, (_, _, kind, _, _) = capture.recvfrom(65535)
    # Loopback shows each frame twice: as it leaves and as it arrives.
    if kind == OUTGOING or len(frame) < ETHERNET_HEADER + 20:
        continue
    packet = frame[ETHERNET_HEADER:]
    if packet[9] != socket.IPPROTO_TCP:
        continue
    segment = packet[(packet[0] & 0x0F) * 4 :]
    if struct.unpack(">H", segment[:2])[0] == port:
        sent += 1
        resets += bool(segment[13] & RESET)
print(json.dumps({"sent": sent, "resets": resets}), flush=True)
