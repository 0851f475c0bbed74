/** English words of `explain`. */

import type { ExplainTexts } from './explain-texts.ts';

export const english: ExplainTexts = {
  platforms: {
    any: 'anywhere',
    windows: 'Windows',
    dotnet: '.NET Framework',
    java: 'Java',
    openssl: 'OpenSSL, Python, curl, restic',
    node: 'Node.js',
    'azure-backup': 'Azure Backup agent',
    server: 'on the server',
  },
  causes: {
    'client-too-old': {
      title: 'This client offers only TLS versions that the server no longer speaks',
      means:
        'The client offers at most TLS 1.0 or 1.1, and the server wants 1.2. A server says so with the alert protocol_version, or just cuts the connection (error 10054), since Schannel does not promise an alert before it closes.',
      check:
        'It fails at once and every time, before any data. Run `sealift doctor` here: it names each program that would offer too little. Run `sealift explain --server HOST:PORT`: the server answers TLS 1.2 and refuses 1.0. Another, newer machine on the same network can connect.',
      fixes: {
        windows:
          'Install KB3140245 (Windows 7 SP1, Server 2008 R2 SP1, 2012) or KB4019276 (Server 2008 SP2). Under HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client set Enabled=1 and DisabledByDefault=0 (DWORD); add 0x800 to DefaultSecureProtocols of WinHttp, in both registry views. `sealift fix --emit reg` writes exactly what this machine lacks, with its undo. On Windows 8.1, Server 2012 R2 and later absent keys are right. Restart.',
        dotnet:
          'Set SchUseStrongCrypto=1 and SystemDefaultTlsVersions=1 (DWORD) under HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319 and under the same key in WOW6432Node; for .NET 3.5 programs under v2.0.50727 too.',
        'azure-backup':
          'Make the Windows and .NET changes, then restart the service: net stop obengine, net start obengine. Update the agent.',
        java: 'Use Java 8u261 or later. On Java 7 add -Dhttps.protocols=TLSv1.2 (or jdk.tls.client.protocols=TLSv1.2); Java 6 must be replaced.',
        openssl:
          'Use OpenSSL 1.0.1 or later (1.1.1 for TLS 1.3) and a program that does not pin the version; look for MaxProtocol in openssl.cnf.',
        node: 'Remove --tls-max-v1.1, maxVersion and secureProtocol from the program, and use a Node.js that is still maintained.',
      },
    },
    'dotnet-old-default': {
      title: 'A .NET program asks for TLS 1.0 only, because its settings say so',
      means:
        'Programs built for .NET Framework 4.5.2 or older ask for SSL 3.0 and TLS 1.0 whatever Windows can do, until two registry values change that. The handshake fails although browsers on the same machine connect.',
      check:
        'A browser or curl on this machine connects to the same address, the .NET program does not. In PowerShell [Net.ServicePointManager]::SecurityProtocol shows Ssl3, Tls. `sealift doctor --consumer dotnet` names the values.',
      fixes: {
        dotnet:
          'Set SchUseStrongCrypto=1 and SystemDefaultTlsVersions=1 (DWORD) under HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319 and in WOW6432Node (v2.0.50727 for .NET 3.5). On Windows 7 and Server 2008 R2 also set DisabledByDefault=0 under TLS 1.2\\Client, or the second value gives TLS 1.0. Restart the program.',
        'azure-backup':
          'Stop the agent (net stop obengine), set the two values in both registry views, start it again (net start obengine). If its service does not stop, restart the machine (KB4022913).',
      },
    },
    'local-versions-disabled': {
      title: 'The settings of this machine leave no TLS version or suite to offer',
      means:
        'The program asks only for versions or suites that are switched off here (Schannel keys, a suite order policy, FIPS mode, jdk.tls.disabledAlgorithms, MinProtocol). The handshake fails here, before or without an answer of the server.',
      check:
        'It fails for every server, also when the server is not reached. Schannel writes event 36871 with the internal error state 10013. `sealift doctor` shows which setting takes what away.',
      fixes: {
        windows:
          'Look for Enabled=0 under SCHANNEL\\Protocols\\TLS 1.2\\Client, for a suite order policy without usable suites, and at FipsAlgorithmPolicy. `sealift fix` writes the change with its undo. If a group policy sets it, change it there.',
        dotnet:
          'Let the program use the defaults of Windows: SystemDefaultTlsVersions=1 and SchUseStrongCrypto=1 in both registry views; take SslProtocols and SecurityProtocol out of its code or configuration.',
        java: 'Compare jdk.tls.disabledAlgorithms in java.security with the versions that the program asks for (jdk.tls.client.protocols, https.protocols), and let it ask for TLSv1.2 and TLSv1.3.',
        openssl:
          'Compare MinProtocol, MaxProtocol and CipherString in openssl.cnf (and the policy of the distribution) with the options of the program.',
        node: 'Compare minVersion, maxVersion and ciphers of the program with --tls-min-v1.x, --tls-max-v1.x and --tls-cipher-list.',
      },
    },
    'server-too-old': {
      title: 'The server speaks only TLS versions that this client refuses',
      means:
        'The server chose TLS 1.1 or older (or signs with SHA-1 only), and this client wants at least 1.2. The client is right.',
      check:
        '`sealift explain --server HOST:PORT` shows which versions the server answers. Newer clients all fail with it, old ones connect.',
      fixes: {
        server: 'Enable TLS 1.2 or 1.3 on the server, or put `sealift door` in front of it.',
        any: 'Do not lower the client. If there is no other way for a while, allow the old version for this one server only.',
      },
    },
    'version-fallback': {
      title: 'The client tried again with a lower TLS version, and the server noticed',
      means:
        'After a failed attempt the client retried with a lower version and said so (TLS_FALLBACK_SCSV); the server can do better and refused (RFC 7507). The first failure is the real one.',
      check:
        'Look at the attempt before this one: something cut a handshake of the higher version. Run `sealift explain --server HOST:PORT` from here.',
      fixes: {
        any: 'Remove what breaks the higher version (an old middlebox), or update the client to one that does not retry with lower versions.',
      },
    },
    'no-common-suite': {
      title: 'Client and server share no cipher suite, group or signature scheme',
      means:
        'They agree on a version, but the suites, key exchange groups or signature schemes that one offers are none of those that the other accepts. A server says handshake_failure or insufficient_security.',
      check:
        'The version is fine, yet it fails with every program of the same TLS stack. `sealift negotiate --client … --server …` or `sealift explain --server HOST:PORT` shows what is missing on which side.',
      fixes: {
        windows:
          'On Windows 7 and Server 2008 R2 install KB3042058 (AES-GCM suites). Remove a suite order policy (SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002) that lists suites this Windows does not have; before Windows 10 ECDHE names need their curve suffix.',
        java: 'Use Java 8u161 or later, which has strong suites on by default; remove jdk.tls.client.cipherSuites.',
        openssl:
          'Remove narrow cipher lists of the program and of openssl.cnf (CipherString, Groups, SignatureAlgorithms).',
        server:
          'Accept ECDHE with AES-GCM and, for Windows 7 to 8.1 with an RSA certificate, ECDHE-RSA with AES-CBC or DHE-RSA with AES-GCM; or use an ECDSA certificate.',
      },
    },
    'weak-dh': {
      title: 'The server uses Diffie-Hellman parameters that are too small',
      means: 'The server sent a Diffie-Hellman prime below 2048 bits, and the client refuses it.',
      check:
        '`openssl s_client -connect HOST:PORT -tls1_2 -cipher DHE` shows the size (Server Temp Key). With ECDHE suites only, the client connects.',
      fixes: {
        server: 'Generate parameters of 2048 bits or more, or offer ECDHE only.',
        openssl:
          'Until the server is mended, leave out DHE suites: append :!DHE to the cipher list.',
      },
    },
    'old-renegotiation': {
      title: 'The server, or a device before it, lacks secure renegotiation (RFC 5746)',
      means:
        'OpenSSL 3 refuses servers that do not support secure renegotiation; they are usually old load balancers or inspecting proxies.',
      check:
        'Compare the answer from inside and from outside of your network: if only inside fails, the device is yours.',
      fixes: {
        server: 'Update the server or the device in front of it.',
        openssl:
          'For the time until then, Options = UnsafeLegacyServerConnect in a configuration that only this program uses.',
      },
    },
    'alpn-mismatch': {
      title: 'Client and server share no application protocol (ALPN)',
      means: 'The client offered protocols such as h2 that this port does not serve.',
      check: 'Check host and port: another service may listen there.',
      fixes: { any: 'Use the right port, or let the client offer http/1.1 too.' },
    },
    'something-between': {
      title: 'A firewall, proxy or inspecting device between the two cuts the connection',
      means:
        'The connection opens, then a device on the path resets it or answers nonsense once it has seen the hello, because of its rules for versions, names or certificates.',
      check:
        'Try the same address from another network (a phone): it works there. Other machines on this network fail as well, old and new. Resets come only for some names.',
      fixes: {
        any: 'Ask the network team to let this machine reach the address without inspection, and to look at their log for this moment.',
        'azure-backup':
          'Let *.microsoft.com, *.windowsazure.com, *.microsoftonline.com and *.windows.net pass on port 443 without inspection, or use the service tags AzureBackup, Storage and AzureActiveDirectory.',
      },
    },
    'tls-inspection': {
      title: 'The certificate is not the server’s own: something inspects TLS on the way',
      means:
        'A security product on the path or on this machine ends the connection and shows a certificate of its own authority, which this program does not trust.',
      check:
        '`sealift explain --server HOST:PORT` shows the issuer: a company’s or a product’s name in place of a public authority. From another network the issuer differs.',
      fixes: {
        any: 'Exempt the address from inspection. Trusting the authority of the device is the second choice: it can then read everything.',
        'azure-backup': 'Exempt the addresses of Azure Backup from inspection.',
      },
    },
    'clock-wrong': {
      title: 'The clock of this machine is wrong',
      means:
        'Certificates are valid between two moments. With a clock that is behind or ahead, good certificates look expired or not yet valid.',
      check:
        'Compare the date, time and time zone with a watch; `sealift explain --server HOST:PORT` shows the difference to the server’s clock. Many servers fail at once.',
      fixes: {
        windows:
          'w32tm /resync, or set the time and the time zone; check the battery of the board.',
        any: 'Set the clock and keep it by NTP (timedatectl set-ntp true).',
      },
    },
    'certificate-expired': {
      title: 'The certificate of the server has expired',
      means: 'The certificate, or one of its authorities, is past its last day.',
      check:
        'All clients fail since the same moment, and `sealift explain --server HOST:PORT` shows the date while the clocks agree.',
      fixes: { server: 'Renew the certificate, install it with its chain, and reload the server.' },
    },
    'untrusted-root': {
      title: 'This machine does not trust the authority that issued the certificate',
      means:
        'The root of the chain is missing from the store that the program reads: an old root list, a private authority, or a store of its own.',
      check:
        'The issuer is known to browsers elsewhere but not here, or it is a private authority. `sealift explain --server HOST:PORT` prints the chain.',
      fixes: {
        windows:
          'Let Windows update its root list (no DisableRootAutoUpdate, ctldl.windowsupdate.com reachable), or import the root into Trusted Root Certification Authorities of the computer: certutil -addstore Root FILE.',
        java: 'keytool -importcert -cacerts -file FILE -alias NAME, or update Java.',
        openssl:
          'Update the package ca-certificates, or give the root: --cacert FILE (restic, curl, sealift), SSL_CERT_FILE, REQUESTS_CA_BUNDLE.',
        node: 'NODE_EXTRA_CA_CERTS=FILE, or --use-system-ca on Node.js 22.15 and later.',
        'azure-backup':
          'The service needs DigiCert Global Root G2 (df3c24f9bfd666761b268073fe06d1cc8d4f82a4) and the Microsoft RSA and ECC roots of 2017 in the store of the computer.',
      },
    },
    'incomplete-chain': {
      title: 'The server does not send its intermediate certificate',
      means:
        'The chain has a gap that browsers fill by themselves and programs do not: it looks like an unknown authority.',
      check:
        'Browsers connect, curl and Java do not. `sealift explain --server HOST:PORT` shows one certificate only.',
      fixes: { server: 'Install the full chain (leaf first, then the intermediates).' },
    },
    'name-mismatch': {
      title: 'The certificate is for another name',
      means:
        'The name that the client asked for does not stand in the certificate: a wrong address, an alias, an IP address, or a client that does not send the name (SNI).',
      check:
        '`sealift explain --server HOST:PORT` prints the names of the certificate. If the name is right but the issuer strange, think of inspection.',
      fixes: {
        any: 'Use a name that the certificate carries.',
        server: 'Have the certificate issued for every name that clients use.',
      },
    },
    'unknown-server-name': {
      title: 'The server does not serve the name that was asked for',
      means:
        'Several services share the address, and none has this name (alert unrecognized_name).',
      check: 'Check the spelling of the host name, and where its DNS entry points.',
      fixes: {
        any: 'Correct the host name in the configuration or in DNS.',
        server: 'Add the name to the server’s configuration.',
      },
    },
    'certificate-revoked': {
      title: 'The certificate was revoked',
      means: 'Its authority took it back before its end, often because the key was exposed.',
      check: 'The CRL or OCSP answer of the authority says so, for every client that asks.',
      fixes: { server: 'Get a new certificate with a new key.' },
    },
    'revocation-unreachable': {
      title: 'The revocation of the certificate cannot be checked from here',
      means:
        'The client must ask the authority over plain HTTP (CRL, OCSP) whether the certificate still counts, and does not get through.',
      check:
        'certutil -url FILE, or open the CRL’s address in a browser as the account of the service: it needs port 80 and often the WinHTTP proxy.',
      fixes: {
        any: 'Open HTTP port 80 to the CRL and OCSP hosts of the authority.',
        'azure-backup':
          'Open port 80 to crl3.digicert.com, crl4.digicert.com, ocsp.digicert.com, crl.microsoft.com, oneocsp.microsoft.com and www.microsoft.com/pkiops.',
      },
    },
    'weak-certificate': {
      title: 'The certificate is too weak, or signed in a way that this machine does not know',
      means:
        'Its key is short, or its signature uses SHA-1 or MD5, which this client refuses; or this Windows is too old for SHA-2 signatures.',
      check: '`sealift explain --server HOST:PORT` prints key and signature of each certificate.',
      fixes: {
        server: 'Use RSA keys of 2048 bits or more (or ECDSA P-256) and SHA-256 signatures.',
        windows:
          'On Windows 7 and Server 2008 R2 install KB4474419 and KB4490628 (SHA-2), and KB2973337 (SHA-512 in TLS 1.2).',
      },
    },
    'certificate-usage': {
      title: 'The certificate is not made for this use',
      means: 'Its extended key usage lacks server (or client) authentication.',
      check: 'Look at Extended Key Usage of the certificate.',
      fixes: { server: 'Have it issued with serverAuth (1.3.6.1.5.5.7.3.1).' },
    },
    'client-certificate-needed': {
      title: 'The server wants a certificate of the client, and got none',
      means:
        'Mutual TLS: with TLS 1.2 the refusal is handshake_failure, with 1.3 certificate_required comes after the client believes it is connected.',
      check:
        '`openssl s_client -connect HOST:PORT` says whether the server asks for a certificate (Acceptable client certificate CA names).',
      fixes: {
        any: 'Give the client its certificate and key (--tls-client-cert FILE), or enrol the machine again: sealift enroll.',
      },
    },
    'client-certificate-rejected': {
      title: 'The server does not accept the certificate of this client',
      means:
        'It is expired, revoked, of another authority, or not meant for clients; the alert says which.',
      check: 'Look at dates and issuer of the client’s certificate, and at the log of the server.',
      fixes: { any: 'Renew the client’s certificate: sealift enroll, or your authority’s way.' },
    },
    'client-key-unusable': {
      title: 'The private key of the client’s certificate cannot be used',
      means: 'The key is missing, damaged, or the account of the service may not read it.',
      check: 'certutil -store My shows whether the key is there; events 36869 and 36870 name it.',
      fixes: {
        windows:
          'Let the account of the service read the key (Manage Private Keys), or import the certificate again with its key.',
        any: 'Check that key and certificate belong together and that the file may be read.',
      },
    },
    'access-denied': {
      title: 'The server knows this client, and does not let it in',
      means: 'TLS worked; the login or the certificate has no right to what was asked for.',
      check: 'Look at the log of the server for this moment.',
      fixes: {
        any: 'Check user, password and path of the location.',
        server: 'Give the client the right, or enrol it again.',
      },
    },
    'not-tls': {
      title: 'What answers there does not speak TLS',
      means:
        'The answer is plain text: a plain HTTP port, a proxy’s error page, a protocol that starts in clear (STARTTLS), or the wrong port.',
      check:
        '`curl http://HOST:PORT/` shows what answers; `sealift explain --server HOST:PORT` quotes its first bytes.',
      fixes: { any: 'Use the TLS port, or the plain scheme if this server is meant to be plain.' },
    },
    'transfer-cut': {
      title: 'The connection broke in the middle of a transfer',
      means:
        'After data had flowed, an idle limit, a restart, a router or a too large packet (MTU) ended it. The TLS version is not the reason.',
      check:
        'Some data arrives before it fails, and the time until then varies. Smaller transfers succeed.',
      fixes: {
        any: 'Run it again (a backup continues where it was). If it repeats, look at idle limits of firewalls, the MTU and the server’s log.',
      },
    },
    'corrupted-traffic': {
      title: 'Data was damaged on the way',
      means:
        'A record did not decrypt: a device that changes data, a faulty network card, memory, or a bug in one of the two TLS stacks.',
      check: 'Does it stop when the network card’s offloading is off, or over another path?',
      fixes: {
        any: 'Update the drivers, switch off offloading for a test, and take devices out of the path.',
      },
    },
    'local-software': {
      title: 'Software on this machine ended the connection',
      means:
        'A security product or the network stack of this machine closed the socket (10053), not the other side.',
      check: 'Stop the security product for one attempt, and look at its log.',
      fixes: { any: 'Exempt the backup program from inspection.' },
    },
    'name-not-resolved': {
      title: 'The host name has no address here',
      means: 'The name service did not answer or does not know the name. This is not TLS.',
      check: 'nslookup HOST, here and elsewhere.',
      fixes: { any: 'Correct the name, the DNS servers of this machine, or the private zone.' },
    },
    'port-closed': {
      title: 'Nothing listens on that port',
      means: 'The machine answered and refused the connection. This is not TLS.',
      check: 'Is the server running, and is the port the one that it listens on?',
      fixes: { any: 'Start the server, or correct host and port.' },
    },
    'port-filtered': {
      title: 'The way to the server is blocked, or it does not answer',
      means:
        'No answer came in time: a firewall drops the packets, or the machine is off. This is not TLS.',
      check: 'Try a plain connection: Test-NetConnection HOST -Port PORT, or nc -vz HOST PORT.',
      fixes: {
        any: 'Open the port in the firewalls on the way, or set the proxy that this network needs.',
        'azure-backup':
          'Open port 443 to *.microsoft.com, *.windowsazure.com, *.microsoftonline.com and *.windows.net (20.190.128.0/18, 40.126.0.0/18), or set the proxy in the agent.',
      },
    },
    'no-route': {
      title: 'There is no route to the server',
      means: 'The network of this machine does not reach that address. This is not TLS.',
      check: 'tracert HOST or traceroute HOST; IPv6 addresses are a frequent reason.',
      fixes: { any: 'Mend the route or the VPN; check whether IPv6 works here.' },
    },
    proxy: {
      title: 'A proxy is missing, wrong, or wants a login',
      means: 'The request goes to a proxy that refuses it, or should go to one and does not.',
      check:
        'netsh winhttp show proxy, and the variables HTTPS_PROXY and NO_PROXY, as the account of the service sees them.',
      fixes: {
        any: 'Set the right proxy with its login for this program, or exempt the address with NO_PROXY.',
        windows: 'netsh winhttp set proxy …; services use this one, not the one of the browser.',
        'azure-backup':
          'Set the proxy and its login in the properties of the agent (error 407 is always the proxy).',
      },
    },
    'server-trouble': {
      title: 'The server has trouble of its own',
      means: 'It reports an internal error, or breaks off for a reason of its own.',
      check: 'Look at the log of the server for this moment; do other clients fail too?',
      fixes: {
        any: 'Try again later.',
        server: 'Look at its log, its load and its certificate files.',
      },
    },
    'vault-credentials': {
      title: 'The vault credentials are not accepted',
      means:
        'The file is of another vault, older than 48 hours, or the agent could not reach the service to check it.',
      check: 'Download a new credentials file. If it fails too, check connection and proxy.',
      fixes: {
        'azure-backup':
          'Register again with a fresh file; exempt the agent from antivirus and check its proxy.',
      },
    },
    'service-trouble': {
      title: 'The service itself is in trouble, not its connection',
      means:
        'It waits for something else: a disk, a dependency, an account whose password changed.',
      check:
        'Look at the Application log and the agent’s own log for the same minute, without TLS errors in them.',
      fixes: {
        windows: 'Check its account, its dependencies and free space; restart the machine.',
      },
    },
  },
  readings: {
    'aborted-locally': 'this machine itself ended the connection',
    'access-denied': 'the server refused access after TLS had worked',
    'alert-received': 'the other side refused with the alert {alert}',
    'alert-sent': 'this side refused with the alert {alert}',
    'alert-at-server': 'a client refused this server with the alert {alert}',
    alpn: 'no application protocol in common',
    'certificate-bad': 'the certificate did not pass verification',
    'certificate-expired': 'the certificate is out of its time',
    'certificate-name': 'the name does not match the certificate',
    'certificate-not-yet-valid': 'the certificate is not valid yet',
    'certificate-revoked': 'the certificate was revoked',
    'certificate-self-signed': 'a self-signed certificate that is not trusted here',
    'certificate-untrusted': 'the chain ends in an authority that is not trusted here',
    'certificate-usage': 'the certificate is not for this use',
    'certificate-weak': 'the certificate’s key or signature is too weak, or unknown',
    clock: 'the clocks differ too much',
    'client-certificate': 'about the certificate that this side should show',
    'client-key': 'the private key could not be used',
    'client-offers-old': 'the client offered only versions that the server refuses',
    'closed-in-handshake': 'the connection was closed before the handshake was done',
    'connection-failed': 'the service could not be reached',
    credentials: 'the credentials were not accepted',
    'dh-small': 'the Diffie-Hellman key of the server is too small',
    'dotnet-channel': 'a .NET program could not set up TLS',
    'handshake-failed': 'the TLS handshake failed, without a reason',
    'incomplete-chain': 'the chain of certificates could not be built',
    'internal-error': 'an internal error was reported',
    'name-not-resolved': 'the name could not be resolved',
    'no-common-algorithm': 'no common algorithm: decided on this machine',
    'no-local-version': 'no TLS version or suite is left on this side',
    'no-shared-suite': 'no suite, group or signature scheme in common',
    'not-tls': 'the answer was not TLS',
    'no-credential':
      'Windows could not prepare a TLS client: versions that are switched off (internal error state 10013), or a private key',
    'old-version-asked': 'a program asked for versions that are switched off here',
    proxy: 'the proxy refused, or could not be found',
    'record-damaged': 'a record could not be decrypted',
    refused: 'the connection was refused',
    renegotiation: 'the server lacks secure renegotiation',
    reset: 'the other side cut the connection by force (reset)',
    revocation: 'the revocation could not be checked',
    'security-error': 'a security error, of which TLS and certificates are the usual reasons',
    'server-version-refused': 'the server chose a version that this client refuses',
    'service-hangs': 'a service did not stop or start as it should',
    timeout: 'no answer came in time',
    'transfer-cut': 'the connection ended during a transfer',
    unreachable: 'the address cannot be reached',
  },
  observations: {
    'server.portClosed': '{server} refuses connections on this port',
    'server.portFiltered': '{server} does not answer on this port',
    'server.noRoute': '{server} cannot be reached from here ({code})',
    'server.notResolved': 'the name {host} does not resolve here ({code})',
    'server.notTls': 'what answers does not speak TLS: {start}',
    'server.oldRefused': 'the server speaks {spoken} and refuses {refused}: {how}',
    'server.oldReset':
      'the server speaks {spoken} and cuts {refused} without an alert, which clients see as 10054',
    'server.oldAccepted':
      'the server still speaks {spoken} from here, so old clients are not refused for their version',
    'server.onlyOld': 'the server speaks only {spoken}',
    'server.allCut': 'the connection opens, and every hello is answered by {how}',
    'server.expired': 'the certificate was valid until {until}',
    'server.notYetValid': 'the certificate is valid only from {from}',
    'server.clockAhead': 'the clock of this machine is {skew} ahead of the server’s',
    'server.clockBehind': 'the clock of this machine is {skew} behind the server’s',
    'server.clockRight': 'the clock agrees with the server’s',
    'server.untrusted': 'the chain is not trusted here ({code}); issuer: {issuer}',
    'server.incomplete': 'the server sends {count} certificate(s) and no intermediate of {issuer}',
    'server.selfSigned': 'the certificate is self-signed by {issuer}',
    'server.name': 'the certificate is for {names}, not for {host}',
    'server.inspected': 'the issuer is {issuer}: {vendor} inspects TLS',
    'server.privateIssuer':
      'a public name with a certificate of {issuer}, which is no public authority',
    'server.trusted': 'certificate and chain are trusted here',
    'server.clientCertificate': 'the server wants a client certificate',
    'server.nameRefused': 'the server does not know the name {host}',
    'server.proxy': 'a proxy is set: {proxies}; this check did not use it',
    'server.proxyFails': 'the proxy {proxy} does not let this connection through: {problem}',
    'server.proxyOnly':
      'the server answers through the proxy {proxy} (issuer: {issuer}), not directly',
    'server.proxySame':
      'the certificate has the same issuer through the proxy {proxy} and directly',
    'server.proxyInspects':
      'through the proxy {proxy} the issuer is {issuer}, directly it is {direct}: the proxy inspects TLS',
    'server.fine': 'the server answers {spoken} and nothing is wrong with it from here',
    'machine.bestVersion': 'this machine offers at most {version}',
    'machine.modern': 'this machine offers {version}',
    'machine.ready': 'by its facts the machine is ready for TLS 1.2: {stacks}',
    'machine.notReady': 'by its facts the machine offers at most {version} here: {stacks}',
    'machine.nothingToOffer': 'by its facts the machine offers nothing here: {stacks}',
    'machine.clockAhead': 'the clock of this machine is {skew} ahead',
    'machine.clockBehind': 'the clock of this machine is {skew} behind',
  },
};
