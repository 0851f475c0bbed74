/** Where the facts of the rules come from. Every row of a rule's table names one or more of these. */

export interface Source {
  readonly title: string;
  /** undefined where the source is not a page: measured here. */
  readonly url: string | undefined;
  /** Told by others than the maker of what it is about. */
  readonly secondary?: true;
}

const learn = 'https://learn.microsoft.com/en-us';

export const sources = {
  azureBackupTls: page(
    'Transport Layer Security in Azure Backup',
    `${learn}/azure/backup/transport-layer-security`,
  ),
  schannelProtocols: page(
    'Protocols in TLS/SSL (Schannel SSP)',
    `${learn}/windows/win32/secauthn/protocols-in-tls-ssl--schannel-ssp-`,
  ),
  tlsRegistry: page(
    'TLS registry settings',
    `${learn}/windows-server/security/tls/tls-registry-settings`,
  ),
  kb245030: page(
    'Restrict algorithms and protocols in Schannel.dll (KB245030)',
    `${learn}/troubleshoot/windows-server/windows-security/restrict-cryptographic-algorithms-protocols-schannel`,
  ),
  dotNetTls: page(
    'TLS best practices with .NET Framework',
    `${learn}/dotnet/framework/network-programming/tls`,
  ),
  kb3140245: page(
    'KB3140245: default secure protocols in WinHTTP',
    'https://support.microsoft.com/help/3140245',
  ),
  kb4019276: page(
    'KB4019276: TLS 1.1 and 1.2 for Windows Server 2008 SP2',
    'https://support.microsoft.com/help/4019276',
  ),
  winHttpOptions: page(
    'WinHTTP option flags (WINHTTP_OPTION_SECURE_PROTOCOLS)',
    `${learn}/windows/win32/winhttp/option-flags`,
  ),
  winHttpConfigure: page(
    'Configure secure protocol options for WinHTTP',
    `${learn}/windows-server/networking/configure-secure-protocol-options-winhttp`,
  ),
  schannelSuites: page(
    'Cipher suites in TLS/SSL (Schannel SSP)',
    `${learn}/windows/win32/secauthn/cipher-suites-in-schannel`,
  ),
  manageTls: page('Manage TLS', `${learn}/windows-server/security/tls/manage-tls`),
  schannelChanges: page(
    'TLS changes in Windows 10 and Windows Server 2016',
    `${learn}/windows-server/security/tls/tls-schannel-ssp-changes-in-windows-10-and-windows-server`,
  ),
  tls10Deprecation: page(
    'TLS 1.0 and 1.1 deprecation in Windows',
    `${learn}/windows/win32/secauthn/tls-10-11-deprecation-in-windows`,
  ),
  msTlsp: page(
    '[MS-TLSP], appendix A',
    `${learn}/openspecs/windows_protocols/ms-tlsp/55bb474d-3770-4037-8798-81b2fedf578a`,
  ),
  curves: page(
    'TLS elliptic curves in Windows 10 version 1607 and later',
    `${learn}/windows/win32/secauthn/tls-elliptic-curves-in-windows-10-1607-and-later`,
  ),
  dotNetVersions: page(
    'Determine which .NET Framework versions are installed',
    `${learn}/dotnet/framework/install/how-to-determine-which-versions-are-installed`,
  ),
  kb4022913: page(
    'KB4022913: the Azure Backup agent when TLS 1.0 is disabled',
    'https://support.microsoft.com/help/4022913',
  ),
  marsTroubleshoot: page(
    'Troubleshoot the MARS agent',
    `${learn}/azure/backup/backup-azure-mars-troubleshoot`,
  ),
  marsSupport: page(
    'MARS agent support matrix',
    `${learn}/azure/backup/backup-support-matrix-mars-agent`,
  ),
  azureCertificates: page(
    'Azure TLS certificate changes',
    `${learn}/azure/security/fundamentals/tls-certificate-changes`,
  ),
  azureDevOpsTls: page(
    'AzureDevOpsTls12Analysis.ps1',
    'https://github.com/microsoft/azure-devops-tls12',
  ),
  exchangeTls: page(
    'Exchange Server TLS configuration',
    `${learn}/exchange/plan-and-deploy/post-installation-tasks/security-best-practices/exchange-tls-configuration`,
  ),
  exchangeHealth: page(
    'Exchange HealthChecker, TLS configuration check',
    'https://microsoft.github.io/CSS-Exchange/Diagnostics/HealthChecker/TLSConfigurationCheck/',
  ),
  sqlServerTls: page(
    'TLS 1.2 support for Microsoft SQL Server (KB3135244)',
    `${learn}/troubleshoot/sql/database-engine/connect/tls-1-2-support-microsoft-sql-server`,
  ),
  dpmTls: told(
    'System Center Data Protection Manager Cookbook: enabling TLS 1.2 for DPM',
    'https://packtpub.com/en-MT/product/microsoft-system-center-data-protection-manager-cookbook-9781787289284',
  ),
  winHttpFileVersions: told(
    'File versions of WinHTTP with TLS 1.2, in public scripts',
    'https://www.hass.de/content/setup-microsoft-windows-or-iis-ssl-perfect-forward-secrecy-and-tls-12',
  ),
  server2008Build6003: told(
    'BetaWiki: Windows Server 2008 build 6003, the ranges of revision numbers',
    'https://betawiki.net/wiki/Windows_Server_2008_build_6003',
  ),
  kb2919355Needed: page(
    'Microsoft: all future updates of Windows 8.1 and Server 2012 R2 need KB2919355',
    'https://support.microsoft.com/help/3177108',
  ),
  tlsStacks: told(
    'SSL Labs: user agent capabilities of Safari on OS X',
    'https://www.ssllabs.com/ssltest/clients.html',
  ),
  appleAts: page(
    'Apple: NSExceptionMinimumTLSVersion, TLS 1.2 by default since macOS 10.11',
    'https://developer.apple.com/documentation/bundleresources/information-property-list/nsexceptionminimumtlsversion',
  ),
  urlSession13: told(
    'TLS versions of URLSession measured on macOS 10.14 to 11',
    'https://gist.github.com/blochberger/8e98f768502283dccb245f7ca81a79f8',
  ),
  secureTransportSuites: told(
    "urllib3 issue 2091: Secure Transport's default cipher suites on macOS 10.11 to 11.0",
    'https://github.com/urllib3/urllib3/issues/2091',
  ),
  secureTransport12: told(
    'curl: Secure Transport ends at TLS 1.2',
    'https://daniel.haxx.se/blog/tag/securetransport',
  ),
  secureTransportPython: told(
    "urllib3 pull request 1122: macOS' own OpenSSL is 0.9.8 without TLS 1.2",
    'https://github.com/urllib3/urllib3/pull/1122',
  ),
  macosCurl: told(
    "curl issues 1703 and 5163: the releases of LibreSSL in macOS' curl",
    'https://github.com/curl/curl/issues/5163',
  ),
  libressl13: told(
    'LibreSSL 3.3.6 of macOS offers TLS 1.3',
    'https://github.com/holzschu/ios_system/issues/121',
  ),
  storageSharedKey: page(
    'Azure Storage: a request is refused when its time is 15 minutes off',
    `${learn}/rest/api/storageservices/authorize-with-shared-key`,
  ),
  winHttpProxy: page(
    'WinHTTP keeps proxy settings of its own, apart from those of Internet Explorer',
    `${learn}/windows/win32/api/winhttp/nf-winhttp-winhttpsetdefaultproxyconfiguration`,
  ),
  curlProxies: page(
    'curl: proxies of the environment, tunnelled to by CONNECT for HTTPS',
    'https://everything.curl.dev/usingcurl/proxies/index.html',
  ),
  urlSessionProxy: page(
    'Apple: URLSession goes by the proxies of the system unless it is given others',
    'https://developer.apple.com/documentation/foundation/urlsessionconfiguration/connectionproxydictionary',
  ),
  systemCenterTls: page(
    'TLS 1.2 deployment guide for System Center 2016: SQL Server needs its update first',
    'https://support.microsoft.com/en-us/topic/tls-1-2-protocol-support-deployment-guide-for-system-center-2016-58f3daa8-655e-e9e7-dafe-cbbd28203118',
  ),
  windowsReleases: told('endoflife.date: Windows', 'https://endoflife.date/windows'),
  opensslConfig: page(
    'OpenSSL: config(5) and SSL_CONF_cmd(3)',
    'https://docs.openssl.org/3.0/man3/SSL_CONF_cmd/',
  ),
  opensslChanges: page(
    'OpenSSL: CHANGES',
    'https://github.com/openssl/openssl/blob/master/CHANGES.md',
  ),
  cryptoPolicies: page(
    'Red Hat Enterprise Linux 9: using system-wide cryptographic policies',
    'https://docs.redhat.com/en/documentation/red_hat_enterprise_linux/9/html/security_hardening/using-the-system-wide-cryptographic-policies_security-hardening',
  ),
  javaJsse: page(
    'Java Secure Socket Extension (JSSE) Reference Guide',
    'https://docs.oracle.com/en/java/javase/17/security/java-secure-socket-extension-jsse-reference-guide.html',
  ),
  javaRoadmap: page(
    'Oracle JRE and JDK cryptographic roadmap',
    'https://www.java.com/en/jre-jdk-cryptoroadmap.html',
  ),
  nodeOptions: page('Node.js: command-line API', 'https://nodejs.org/api/cli.html'),
  wow64: page(
    'Registry keys affected by WOW64',
    `${learn}/windows/win32/winprog64/shared-registry-keys`,
  ),
  regf: page('Windows registry file format specification', 'https://github.com/msuhanov/regf'),
  hives: { title: 'Read from unmodified SYSTEM hives', url: undefined },
  measured: { title: 'Measured: the hello of the program itself', url: undefined },
} as const satisfies Readonly<Record<string, Source>>;

export type SourceId = keyof typeof sources;

function page(title: string, url: string): Source {
  return { title, url };
}

function told(title: string, url: string): Source {
  return { title, url, secondary: true };
}
