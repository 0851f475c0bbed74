/** Where the facts of the tables were read; addresses that a reader can open. */

export const sources = {
  'azure-tls':
    'Transport Layer Security in Azure Backup, https://learn.microsoft.com/en-us/azure/backup/transport-layer-security',
  'azure-certificates':
    'Azure TLS certificate changes, https://learn.microsoft.com/en-us/azure/security/fundamentals/tls-certificate-changes',
  com: 'COM error codes, https://learn.microsoft.com/en-us/windows/win32/com/com-error-codes-4',
  curl: 'libcurl error codes, https://curl.se/libcurl/c/libcurl-errors.html',
  dotnet:
    'TLS best practices with .NET Framework, https://learn.microsoft.com/en-us/dotnet/framework/network-programming/tls',
  gnutls: 'GnuTLS error codes, https://www.gnutls.org/manual/html_node/Error-codes.html',
  go: 'crypto/tls and crypto/x509 of Go, https://pkg.go.dev/crypto/tls',
  iana: 'TLS alerts, https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml#tls-parameters-6',
  java: 'JSSE reference guide, https://docs.oracle.com/en/java/javase/17/security/java-secure-socket-extension-jsse-reference-guide.html',
  kb4022913: 'KB4022913, https://support.microsoft.com/help/4022913',
  mars: 'Troubleshoot the MARS agent, https://learn.microsoft.com/en-us/azure/backup/backup-azure-mars-troubleshoot',
  node: 'Errors of Node.js, https://nodejs.org/api/errors.html',
  openssl: 'OpenSSL reason codes, https://docs.openssl.org/3.0/man3/ERR_reason_error_string/',
  python: 'ssl of Python, https://docs.python.org/3/library/ssl.html',
  restic: 'restic documentation, https://restic.readthedocs.io/',
  rustls: 'rustls errors, https://docs.rs/rustls/latest/rustls/enum.Error.html',
  'schannel-alerts':
    'Schannel error codes for TLS and SSL alerts, https://learn.microsoft.com/en-us/windows/win32/secauthn/schannel-error-codes-for-tls-and-ssl-alerts',
  'schannel-deprecation':
    'TLS 1.0 and 1.1 deprecation in Windows, https://learn.microsoft.com/en-us/windows/win32/secauthn/tls-10-11-deprecation-in-windows',
  'schannel-events':
    'Schannel event provider, https://github.com/repnz/etw-providers-docs (Manifests-Win10/Schannel.xml)',
  services:
    'System error codes, https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1000-1299-',
  winhttp:
    'WinHTTP error messages, https://learn.microsoft.com/en-us/windows/win32/winhttp/error-messages',
  winsock:
    'Winsock error codes, https://learn.microsoft.com/en-us/windows/win32/winsock/windows-sockets-error-codes-2',
} as const;

export type SourceId = keyof typeof sources;
