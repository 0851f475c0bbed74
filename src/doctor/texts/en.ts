/** English texts of the doctor. A `{name}` takes a value; `[…]` goes away where its value is missing. */

interface FindingText {
  readonly title: string;
  /** Why it matters, for somebody who has to decide. */
  readonly why: string;
}

const whatProxiesDo =
  'A proxy that tunnels (CONNECT) leaves TLS as it is described here. One that inspects ends TLS itself: the server sees the versions of the proxy, and this machine must trust its authority.';

export const english = {
  status: { ready: 'READY', 'not-ready': 'NOT READY', unknown: 'UNKNOWN' },
  severity: { error: 'error', warning: 'warning', note: 'note' },
  stack: {
    urlsession: 'URLSession and Network.framework of macOS',
    'secure-transport': 'Secure Transport of macOS',
    'macos-libressl': 'LibreSSL of macOS (curl, openssl)',
    schannel: 'Schannel, the default list of Windows',
    'winhttp-64': 'WinHTTP, 64-bit programs',
    'winhttp-32': 'WinHTTP, 32-bit programs',
    wininet: 'WinINet',
    'dotnet4-64': '.NET Framework 4, 64-bit programs',
    'dotnet4-32': '.NET Framework 4, 32-bit programs',
    'dotnet2-64': '.NET Framework 2.0 to 3.5, 64-bit programs',
    'dotnet2-32': '.NET Framework 2.0 to 3.5, 32-bit programs',
  },
  consumer: {
    'azure-backup': 'Azure Backup agent (MARS)',
    dpm: 'DPM, Azure Backup Server',
    sealift: 'Sealift',
    restic: 'restic',
    dotnet: 'programs of .NET Framework 4',
    powershell: 'Windows PowerShell',
    java: 'Java',
    system: 'programs that use the TLS of the system',
  },
  missing: {
    'os-build': 'the build of Windows: HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
    'old-build': 'what build {build} of Windows does: it is older than every rule',
    value: '{path}, value {name}',
    key: '{path}',
    update:
      'whether {kb} or a later rollup is installed: the packages of Component Based Servicing, or the versions of schannel.dll, winhttp.dll and webio.dll',
    'dotnet-version':
      'the installed .NET Framework: HKLM\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full, value Release',
    'program-target':
      'which .NET Framework the program was built for: one built for 4.5 or earlier asks for TLS 1.0 only unless the registry says otherwise',
    'program-sdk':
      'which macOS the program was built for: one built for 10.11 or later keeps to TLS 1.2 and later',
    disputed: "what Windows makes of {path} without {name}: Microsoft's texts disagree",
    unstated: "the defaults of {what}: Microsoft's texts do not state them",
    version: 'the version of {what}',
    'no-rule': 'what {what} offers: no rule knows this release',
    'not-found': '{what} was not found on this machine',
  },
  findings: {
    'schannel/tls12-disabled': {
      title: 'TLS 1.2 is disabled for clients',
      why: 'Enabled = 0 ends a version whatever a program asks for. No program that uses Schannel can reach a server that wants TLS 1.2.',
    },
    'schannel/tls12-disabled-by-default': {
      title: 'TLS 1.2 is disabled by default for clients',
      why: 'DisabledByDefault is not 0: only programs that ask for TLS 1.2 themselves get it, and most leave the choice to Windows.',
    },
    'schannel/tls12-half-disabled': {
      title: 'TLS 1.2 is half disabled: Enabled is on, and so is DisabledByDefault',
      why: 'Programs that ask for TLS 1.2 get it, programs that leave the choice to Windows do not.',
    },
    'schannel/tls12-not-switched-on': {
      title: 'TLS 1.2 is there, but not switched on',
      why: 'This Windows has TLS 1.2 off by default: without Enabled = 1 and DisabledByDefault = 0 only programs that ask for it get it.',
    },
    'schannel/tls12-enabled-alone': {
      title: 'Enabled is set for TLS 1.2, DisabledByDefault is not',
      why: "Microsoft's texts disagree about whether Enabled = 1 suffices on this Windows. DisabledByDefault = 0 makes it certain.",
    },
    'schannel/tls12-never': {
      title: 'This Windows never learned TLS 1.2',
      why: 'No update brings it. Only programs with their own TLS can connect; the machine has to be replaced or stand behind one that can.',
    },
    'schannel/update-missing': {
      title: '{kb} is not installed: without it this Windows has no TLS 1.2',
      why: 'The update brings TLS 1.1 and 1.2, still disabled by default.[ It needs Service Pack {servicePack}.][ Later releases of it need {prerequisites} first.]',
    },
    'schannel/update-pending': {
      title: '{kb} waits for a restart',
      why: 'The update takes effect when Windows starts the next time.',
    },
    'schannel/update-not-proven': {
      title: 'Nothing proves that {kb} is installed',
      why: 'Without it this Windows has no TLS 1.2. A list of hotfixes leaves out what a rollup replaced; the version of schannel.dll is certain.',
    },
    'schannel/tls13-forced': {
      title: 'TLS 1.3 is forced on a Windows that does not support it',
      why: 'Microsoft calls this no safe configuration. Remove the value.',
    },
    'schannel/ssl-enabled': {
      title: '{version} is still on for clients',
      why: 'No backup service accepts it, so it does not keep anything from working; it is broken, and audits ask for it to be off.',
    },
    'schannel/wrong-type': {
      title: '{name} has the type {type} instead of REG_DWORD',
      why: 'Windows reads this value as a REG_DWORD of four bytes; one of another type does not count as set.',
    },
    'schannel/near-miss': {
      title: '{name} looks right, but Windows does not look there; {meant} was probably meant',
      why: 'Names must be exact: a key with one space (TLS 1.2), the values Enabled and DisabledByDefault, and these below Client or Server.',
    },
    'winhttp/not-configured': {
      title: 'WinHTTP offers TLS 1.0 at most in {bits}-bit programs',
      why: 'On this Windows its default ends at TLS 1.0. DefaultSecureProtocols with the bit 0x800 adds TLS 1.2; the update brings the setting, it does not write it.',
    },
    'winhttp/without-tls12': {
      title: 'DefaultSecureProtocols leaves out TLS 1.2 in {bits}-bit programs',
      why: 'The value replaces the default of every Windows, new ones too: without the bit 0x800 programs that use WinHTTP do not offer TLS 1.2.',
    },
    'winhttp/update-missing': {
      title: '{kb} is not installed: WinHTTP cannot be told to use TLS 1.2',
      why: 'Only with this update does WinHTTP read DefaultSecureProtocols.[ It needs Service Pack {servicePack}.][ Later releases of it need {prerequisites} first.]',
    },
    'winhttp/update-not-proven': {
      title: 'Nothing proves that {kb} is installed',
      why: 'Only with this update does WinHTTP read DefaultSecureProtocols. The versions of winhttp.dll and webio.dll are certain.',
    },
    'winhttp/wrong-type': {
      title: 'DefaultSecureProtocols has the type {type} instead of REG_DWORD',
      why: 'A value of another type does not count as set.',
    },
    'wininet/without-tls12': {
      title: 'SecureProtocols of WinINet leaves out TLS 1.2',
      why: 'Interactive programs (Internet Explorer, Office) do not offer TLS 1.2. Services use WinHTTP or .NET instead.',
    },
    'dotnet/values-absent': {
      title: '.NET Framework is not told to use strong cryptography in {bits}-bit programs',
      why: 'Programs built for .NET 4.5.2 and earlier ask for TLS 1.0 only, whatever version is installed, until SchUseStrongCrypto or SystemDefaultTlsVersions is 1.',
    },
    'dotnet/switched-off': {
      title: '{name} is 0 in {bits}-bit programs',
      why: 'This takes modern TLS away even from programs built for a new .NET Framework.',
    },
    'dotnet/needs-schannel': {
      title: 'SystemDefaultTlsVersions leaves the choice to a Windows that has TLS 1.2 off',
      why: 'On this Windows the default list ends at TLS 1.0: with this value alone .NET programs get less than without it. Switch TLS 1.2 on in Schannel.',
    },
    'dotnet/wrong-type': {
      title: '{name} of .NET Framework has the type {type} instead of REG_DWORD',
      why: 'A value of another type does not count as set.',
    },
    'dotnet/net35-update-missing': {
      title: '{kb} is not installed: programs of .NET 3.5 stay at TLS 1.0',
      why: 'Only with this update do programs of .NET 2.0 to 3.5 follow the registry values.',
    },
    'suites/switched-off': {
      title: 'Cipher suites are switched off by {key}',
      why: 'Enabled = 0 there takes {count} suites away: {suites}.',
    },
    'suites/unknown-names': {
      title: 'The cipher suite policy names suites that this Windows does not know',
      why: 'Before Windows 10 an ECDHE suite is known only with its curve at the end of its name (_P256): the {count} names without one are left out.',
    },
    'suites/policy': {
      title: 'A policy decides the cipher suites',
      why: 'The list of the Group Policy replaces that of Windows. A local change is ignored: change it in the policy.',
    },
    'suites/none-in-common': {
      title: 'TLS {version} is offered, but no cipher suite that the server {policy} accepts',
      why: 'The versions fit and the handshake still fails, with the alert {alert}.',
    },
    'suites/gcm-update': {
      title: '{kb} is not proven: the AES-GCM suites for RSA certificates may be missing',
      why: 'Without it this Windows offers no authenticated encryption to a server with an RSA certificate.',
    },
    'dh/client-minimum': {
      title: 'Diffie-Hellman keys below {bits} bits are refused',
      why: 'A server with smaller Diffie-Hellman parameters sends its key and the client breaks off. Azure and current servers use 2048 bits or more.',
    },
    'fips/on': {
      title: 'The FIPS switch is on',
      why: 'Schannel keeps to FIPS suites and the NIST curves; .NET up to 4.7.2 refuses some of its own algorithms. Microsoft calls the switch unnecessary.',
    },
    'roots/distrusted': {
      title: 'The root certificate {name} is distrusted on this machine',
      why: 'It stands in the store of untrusted certificates: connections to Azure fail when the chain ends there.',
    },
    'roots/no-update': {
      title: 'Roots are not fetched by themselves, and {names} are not installed',
      why: 'With DisableRootAutoUpdate = 1 Windows knows only the roots in its store. Chains of Azure end at these.',
    },
    'crypto-policy/legacy': {
      title: 'The system-wide policy is {policy}',
      why: 'It keeps old versions, small keys and SHA-1 signatures for every program of the system. DEFAULT asks for TLS 1.2.',
    },
    'openssl/too-old': {
      title: 'OpenSSL {version} has no TLS 1.2',
      why: 'TLS 1.2 came with OpenSSL 1.0.1. No setting brings it: the library and what is built with it have to be replaced.',
    },
    'openssl/max-protocol': {
      title: 'MaxProtocol = {value} takes TLS 1.2 away from every program that uses OpenSSL',
      why: 'The system default ends what programs offer there, unless they set their own. Servers that ask for TLS 1.2 refuse them.',
    },
    'openssl/min-protocol': {
      title: 'MinProtocol = {value} keeps old versions in the offer',
      why: 'It does not keep anything from working; modern servers choose TLS 1.2 or 1.3. Audits ask for TLSv1.2.',
    },
    'openssl/none-in-common': {
      title: 'OpenSSL offers nothing that the server accepts',
      why: 'CipherString decides the cipher suites of every program that leaves them to OpenSSL.',
    },
    'openssl/level-0': {
      title: 'The security level of OpenSSL is 0',
      why: 'It lets SHA-1 signatures, small keys and TLS 1.0 through in every program that leaves the level to OpenSSL.',
    },
    'java/protocols': {
      title: 'Java is told to offer {value} only',
      why: 'The system property jdk.tls.client.protocols replaces the defaults of Java {version}. Servers that ask for TLS 1.2 refuse it.',
    },
    'java/old': {
      title: 'Java {version} offers TLS 1.0 by default',
      why: 'Java 7 can do TLS 1.2 if a program or the system property jdk.tls.client.protocols asks for it; public Java 6 cannot.',
    },
    'java/disabled-algorithms': {
      title: 'jdk.tls.disabledAlgorithms leaves Java {version} nothing that the server accepts',
      why: 'What the property lists is neither offered nor accepted by any program on this Java.',
    },
    'node/min-version': {
      title: 'NODE_OPTIONS lets Node offer TLS {version}',
      why: 'It does not keep anything from working; every Node program on this machine speaks the old version to a server that wants it.',
    },
    'agent/mars-dotnet': {
      title: 'The Azure Backup agent needs .NET Framework {needed}, and {found} is installed',
      why: 'Older versions cannot be told to use TLS 1.2 by default.',
    },
    'agent/mars-old': {
      title: 'The Azure Backup agent {found} is older than {needed}',
      why: 'Agents of that age log in to a service that has ended. Install the current agent.',
    },
    'agent/mars-powershell': {
      title:
        'The Azure Backup agent needs PowerShell {needed} to schedule, and {found} is installed',
      why: 'Scheduled backups do not start without it.',
    },
    'agent/service-disabled': {
      title: 'The service {name} is disabled',
      why: 'Its backups do not run, whatever TLS can do.',
    },
    'agent/32-bit': {
      title: 'The Azure Backup agent exists for 64-bit Windows only',
      why: 'This Windows is 32-bit.',
    },
    'agent/dpm-dotnet': {
      title: 'DPM needs .NET Framework {needed} for TLS 1.2, and {found} is installed',
      why: 'This holds for the DPM server and for the servers that it protects.',
    },
    'agent/dpm-sql': {
      title: 'SQL Server {found} (instance {instance}) has no TLS 1.2; {needed} or later has it',
      why: 'DPM keeps its catalogue there, and even logins without encryption begin with TLS: once TLS 1.0 is switched off on this machine, DPM does not reach its database.',
    },
    'agent/dpm-sql-lost': {
      title:
        'SQL Server {found} (instance {instance}) has no TLS 1.2, and TLS 1.0 is switched off on this machine',
      why: 'DPM keeps its catalogue there, and every login begins with TLS: DPM does not reach its database. {needed} or later has TLS 1.2; until it is installed, TLS 1.0 has to stay on.',
    },
    'macos/too-old': {
      title: 'macOS {version} has no TLS 1.2',
      why: 'TLS 1.2 came with OS X 10.9. No setting brings it: only programs with their own TLS (Java, Node, Homebrew) can connect.',
    },
    'macos/old-openssl': {
      title: 'The openssl of macOS {version} is 0.9.8, without TLS 1.2',
      why: 'Scripts in the Python, Perl or Ruby of the system use it and offer TLS 1.0. Programs that use URLSession are not affected.',
    },
    'clock/ahead': {
      title: 'The clock of this machine is {skew} ahead of that of {server}',
      why: 'Certificates that still hold look expired here, and storage services (Azure, S3) refuse requests whose time is 15 minutes off. If another server shows no difference, the clock of {server} is the wrong one.',
    },
    'clock/behind': {
      title: 'The clock of this machine is {skew} behind that of {server}',
      why: 'New certificates look not yet valid here, and storage services (Azure, S3) refuse requests whose time is 15 minutes off. If another server shows no difference, the clock of {server} is the wrong one.',
    },
    'proxy/winhttp': {
      title: 'Programs that use WinHTTP go through the proxy {server}',
      why: `${whatProxiesDo} The Azure Backup agent goes by its own setting and by that of the account LocalSystem.`,
    },
    'proxy/services': {
      title: 'Services that run as LocalSystem go through the proxy {server}',
      why: `${whatProxiesDo} The Azure Backup agent takes this one unless it was given its own.`,
    },
    'proxy/person': {
      title: 'Programs of a person on this machine go through the proxy {server}',
      why: `${whatProxiesDo} Services do not take it: where they have none, a browser may connect and a backup not.`,
    },
    'proxy/environment': {
      title: 'The environment names the proxy {server}',
      why: `curl, restic, Python and Go programs go through it, services only if they get the same environment. ${whatProxiesDo}`,
    },
    'proxy/system': {
      title: 'Programs that use URLSession go through the proxy {server}',
      why: whatProxiesDo,
    },
    'os/service-pack': {
      title: 'Service Pack {needed} is missing',
      why: 'The updates that bring TLS 1.2 do not install without it.',
    },
    'os/build-as-installed': {
      title: 'The build of Windows was read from the record of its installation',
      why: 'An upgrade may have changed it since. Give the SOFTWARE hive too for a certain answer.',
    },
    'facts/not-read': {
      title: 'Its facts could not be read',
      why: 'Nothing is known of this machine: {detail}.',
    },
    'facts/one-view': {
      title: 'The export of SOFTWARE shows one view of two',
      why: 'It has no WOW6432Node: a 32-bit program wrote it on a 64-bit Windows, or the Windows is a 32-bit one, which an export of SYSTEM would tell. What the other view holds is unknown. Export with the 64-bit reg.exe: reg export HKLM\\SOFTWARE software.reg /reg:64.',
    },
    'facts/dirty-hive': {
      title: 'The hive was not closed cleanly, and no log holds the rest',
      why: 'Changes of the last session may be missing from what was read. Copy the files .LOG1 and .LOG2 beside it.',
    },
    'facts/damaged': {
      title: 'Parts of the facts could not be read: {count} places',
      why: 'What stands there is unknown, not absent. The first: {detail}.',
    },
  } satisfies Readonly<Record<string, FindingText>>,
  remedies: {
    'schannel-tls12': 'Switch TLS 1.2 on for clients in Schannel',
    'schannel-tls13-remove': 'Remove the forced TLS 1.3',
    'winhttp-tls12-64': 'Add TLS 1.2 to WinHTTP for 64-bit programs',
    'winhttp-tls12-32': 'Add TLS 1.2 to WinHTTP for 32-bit programs',
    'wininet-tls12': 'Add TLS 1.2 to WinINet',
    'dotnet4-strong-64': 'Let 64-bit programs of .NET 4 use what Windows offers',
    'dotnet4-strong-32': 'Let 32-bit programs of .NET 4 use what Windows offers',
    'dotnet2-strong-64': 'Let 64-bit programs of .NET 3.5 use what Windows offers',
    'dotnet2-strong-32': 'Let 32-bit programs of .NET 3.5 use what Windows offers',
    'suites-switch-on': 'Switch the algorithms on again that took suites away',
    'dh-minimum': 'Lower the smallest accepted Diffie-Hellman key to 2048 bits',
    'root-trust': 'Remove the root from the store of untrusted certificates (certlm.msc)',
    'install-roots':
      'Import the missing roots: certutil -addstore root FILE (a Group Policy brings them to many machines)',
    'install-update': 'Install {kb}',
    'install-dotnet': 'Install .NET Framework 4.8',
    'install-agent': 'Install the current Azure Backup agent',
    'update-sql': 'Install the last service pack and cumulative update of SQL Server',
    'clock-windows': 'Set the clock: start the service W32Time, then w32tm /resync',
    'clock-linux': 'Set the clock: timedatectl set-ntp true',
    'clock-macos': 'Set the clock: sudo systemsetup -setusingnetworktime on',
    'replace-macos': 'Install a supported macOS',
    'change-policy': 'Change the list in the Group Policy that sets it',
    'crypto-policy-default': 'Set the system-wide policy to DEFAULT',
    'openssl-max-protocol': 'Set MaxProtocol = TLSv1.3 in the configuration of OpenSSL',
    'openssl-min-protocol': 'Set MinProtocol = TLSv1.2 in the configuration of OpenSSL',
    'openssl-cipher-string':
      'Set CipherString = DEFAULT:@SECLEVEL=2 in the configuration of OpenSSL',
    'replace-openssl': 'Install a supported release of the system, with OpenSSL 3',
    'java-disabled-algorithms':
      'Take TLS 1.2 and 1.3 out of jdk.tls.disabledAlgorithms in java.security',
    'java-protocols': 'Start Java with -Djdk.tls.client.protocols=TLSv1.2 (or JAVA_TOOL_OPTIONS)',
    'replace-java': 'Install a supported Java',
  },
  restart: {
    reboot: 'Restart Windows afterwards, or at least every service that uses TLS.',
    programs:
      'Restart the programs and services that use it: they read these files when they start.',
  },
  report: {
    machine: '{name}[: {system}][ ({version})]',
    stacks: 'TLS stacks, against the server "{policy}"',
    consumers: 'Programs',
    findings: 'Findings',
    noFindings: 'Nothing was found that needs a change.',
    offers: 'offers {versions}',
    offersNothing: 'offers no version at all',
    agrees: 'agrees on {version}, {suite}[, {group}]',
    refused: 'refused: {why}',
    refusedByClient: 'the server would choose {version}, which the client does not speak',
    depends: 'depends on',
    assumed: 'assumed to be at its default, since it was not read',
    missing: 'missing',
    installed: 'installed',
    notInstalled: 'not installed',
    installedUnknown: 'not known to be installed',
    absent: 'absent',
    evidence: 'found',
    source: 'source',
    secondary: 'not by the maker',
    remedy: 'remedy',
    problems: 'Not read',
    at: 'offset {offset}',
    line: 'line {line}',
    summary: '{total} machines: {ready} ready, {notReady} not ready, {unknown} unknown',
    sameFinding: '{count} machines',
    undoBelow: 'The undo stands in {file}.',
    nothingToFix: 'There is nothing to change on this machine.',
    byHand: 'By hand:',
    heading: 'Machine',
    system: 'System',
    verdict: 'Verdict',
    because: 'Because',
    written: 'wrote {file}',
    fixes: 'Changes for {name}:',
    applied: 'Done and read back. To undo it: sealift fix --undo {id}',
    undone: '{id} is undone: everything that it changed is as it was before.',
    undoneBefore: '{id} was undone before; nothing was changed.',
  },
} as const;

export type FindingId = keyof typeof english.findings;
export type RemedyTextId = keyof typeof english.remedies;
