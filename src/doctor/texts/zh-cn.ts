/** Simplified Chinese texts of the doctor. */

import type { Catalogue } from './texts.ts';

const whatProxiesDo =
  '只做隧道 (CONNECT) 的代理不改变这里所说的 TLS。检查流量的代理自己终止 TLS：服务器看到的是代理的版本，而这台计算机必须信任它的证书颁发机构。';

export const chinese: Catalogue = {
  status: { ready: '就绪', 'not-ready': '未就绪', unknown: '未知' },
  severity: { error: '错误', warning: '警告', note: '提示' },
  stack: {
    urlsession: 'macOS 的 URLSession 和 Network.framework',
    'secure-transport': 'macOS 的 Secure Transport',
    'macos-libressl': 'macOS 的 LibreSSL（curl、openssl）',
    schannel: 'Schannel（Windows 的默认列表）',
    'winhttp-64': 'WinHTTP，64 位程序',
    'winhttp-32': 'WinHTTP，32 位程序',
    wininet: 'WinINet（交互式程序）',
    'dotnet4-64': '.NET Framework 4，64 位程序',
    'dotnet4-32': '.NET Framework 4，32 位程序',
    'dotnet2-64': '.NET Framework 2.0 至 3.5，64 位程序',
    'dotnet2-32': '.NET Framework 2.0 至 3.5，32 位程序',
  },
  consumer: {
    'azure-backup': 'Azure 备份代理 (MARS)',
    dpm: 'DPM、Azure 备份服务器',
    sealift: 'Sealift 代理',
    restic: 'restic 程序',
    dotnet: '.NET Framework 4 程序',
    powershell: 'Windows PowerShell 脚本',
    java: 'Java 程序',
    system: '使用系统 TLS 的程序',
  },
  missing: {
    'os-build': 'Windows 的内部版本号：HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
    'old-build': 'Windows 内部版本 {build} 的行为：它早于所有规则',
    value: '{path} 的值 {name}（未读取）',
    key: '{path}（未读取）',
    update:
      '是否已安装 {kb} 或更新的汇总更新：Component Based Servicing 中的程序包，或 schannel.dll、winhttp.dll、webio.dll 的版本',
    'dotnet-version':
      '已安装的 .NET Framework：HKLM\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full 的值 Release',
    'program-target':
      '程序面向哪个 .NET Framework 版本编译：面向 4.5 或更早版本的程序只请求 TLS 1.0，除非注册表另有规定',
    'program-sdk':
      '程序是为哪个版本的 macOS 构建的：为 10.11 或更高版本构建的程序只使用 TLS 1.2 及更高版本',
    disputed: '只有 {path} 而没有 {name} 时 Windows 的行为：Microsoft 的文档说法不一',
    unstated: '{what} 的默认值：Microsoft 的文档没有说明',
    version: '{what} 的版本',
    'no-rule': '{what} 会提供什么：没有规则了解此版本',
    'not-found': '在此计算机上没有找到 {what}',
  },
  findings: {
    'schannel/tls12-disabled': {
      title: '客户端的 TLS 1.2 已禁用',
      why: 'Enabled = 0 会彻底停用该版本，无论程序如何请求。使用 Schannel 的程序都无法连接要求 TLS 1.2 的服务器。',
    },
    'schannel/tls12-disabled-by-default': {
      title: '客户端的 TLS 1.2 默认禁用',
      why: 'DisabledByDefault 不为 0：只有自行请求 TLS 1.2 的程序才能使用它，而大多数程序由 Windows 选择。',
    },
    'schannel/tls12-half-disabled': {
      title: 'TLS 1.2 处于半禁用状态：Enabled 与 DisabledByDefault 同时打开',
      why: '请求 TLS 1.2 的程序可以使用它，由 Windows 选择的程序则不能。',
    },
    'schannel/tls12-not-switched-on': {
      title: 'TLS 1.2 存在，但没有打开',
      why: '此 Windows 默认关闭 TLS 1.2：没有 Enabled = 1 和 DisabledByDefault = 0，只有自行请求的程序才能使用它。',
    },
    'schannel/tls12-enabled-alone': {
      title: 'TLS 1.2 只设置了 Enabled，没有设置 DisabledByDefault',
      why: '在此 Windows 上 Enabled = 1 是否足够，Microsoft 的文档说法不一。设置 DisabledByDefault = 0 即可确定。',
    },
    'schannel/tls12-never': {
      title: '此 Windows 不支持 TLS 1.2',
      why: '没有任何更新能带来它。只有自带 TLS 的程序能够连接；应更换此计算机，或将其置于能够连接的计算机之后。',
    },
    'schannel/update-missing': {
      title: '未安装 {kb}：没有它，此 Windows 没有 TLS 1.2',
      why: '该更新带来 TLS 1.1 和 1.2，但默认仍禁用。[它需要 Service Pack {servicePack}。][其较新的发布需要先安装 {prerequisites}。]',
    },
    'schannel/update-pending': {
      title: '{kb} 正在等待重新启动',
      why: '该更新在 Windows 下次启动时生效。',
    },
    'schannel/update-not-proven': {
      title: '没有证据表明已安装 {kb}',
      why: '没有它，此 Windows 没有 TLS 1.2。修补程序列表不含已被汇总更新取代的项目；schannel.dll 的版本才是确证。',
    },
    'schannel/tls13-forced': {
      title: '在不支持 TLS 1.3 的 Windows 上强制打开了它',
      why: 'Microsoft 称这不是安全的配置。请删除该值。',
    },
    'schannel/ssl-enabled': {
      title: '客户端仍然打开 {version}',
      why: '没有备份服务接受它，因此不会妨碍工作；但它已被攻破，审计要求将其关闭。',
    },
    'schannel/wrong-type': {
      title: '{name} 的类型是 {type}，而不是 REG_DWORD',
      why: 'Windows 把该值读作四字节的 REG_DWORD；其他类型不算已设置。',
    },
    'schannel/near-miss': {
      title: '{name} 看似正确，但 Windows 不会读取它；本意可能是 {meant}',
      why: '名称必须完全准确：键名中有一个空格 (TLS 1.2)，值名为 Enabled 和 DisabledByDefault，且位于 Client 或 Server 之下。',
    },
    'winhttp/not-configured': {
      title: '{bits} 位程序中的 WinHTTP 最高只提供 TLS 1.0',
      why: '在此 Windows 上其默认值止于 TLS 1.0。DefaultSecureProtocols 加上位 0x800 即可增加 TLS 1.2；更新只带来该设置，并不写入它。',
    },
    'winhttp/without-tls12': {
      title: '{bits} 位程序的 DefaultSecureProtocols 不含 TLS 1.2',
      why: '该值会取代任何 Windows（包括新版本）的默认值：没有位 0x800，使用 WinHTTP 的程序就不提供 TLS 1.2。',
    },
    'winhttp/update-missing': {
      title: '未安装 {kb}：无法让 WinHTTP 使用 TLS 1.2',
      why: '只有安装该更新后 WinHTTP 才读取 DefaultSecureProtocols。[它需要 Service Pack {servicePack}。][其较新的发布需要先安装 {prerequisites}。]',
    },
    'winhttp/update-not-proven': {
      title: '没有证据表明已安装 {kb}',
      why: '只有安装该更新后 WinHTTP 才读取 DefaultSecureProtocols。winhttp.dll 和 webio.dll 的版本才是确证。',
    },
    'winhttp/wrong-type': {
      title: 'DefaultSecureProtocols 的类型是 {type}，而不是 REG_DWORD',
      why: '其他类型的值不算已设置。',
    },
    'wininet/without-tls12': {
      title: 'WinINet 的 SecureProtocols 不含 TLS 1.2',
      why: '交互式程序（Internet Explorer、Office）不提供 TLS 1.2。服务则使用 WinHTTP 或 .NET。',
    },
    'dotnet/values-absent': {
      title: '没有让 {bits} 位程序的 .NET Framework 使用强加密',
      why: '面向 .NET 4.5.2 及更早版本编译的程序只请求 TLS 1.0，与安装的版本无关，直到 SchUseStrongCrypto 或 SystemDefaultTlsVersions 为 1。',
    },
    'dotnet/switched-off': {
      title: '{bits} 位程序的 {name} 为 0',
      why: '这甚至使面向新版 .NET Framework 编译的程序也失去现代 TLS。',
    },
    'dotnet/needs-schannel': {
      title: 'SystemDefaultTlsVersions 把选择交给了关闭 TLS 1.2 的 Windows',
      why: '在此 Windows 上默认列表止于 TLS 1.0：只设置该值时 .NET 程序得到的反而更少。请在 Schannel 中打开 TLS 1.2。',
    },
    'dotnet/wrong-type': {
      title: '.NET Framework 的 {name} 的类型是 {type}，而不是 REG_DWORD',
      why: '其他类型的值不算已设置。',
    },
    'dotnet/net35-update-missing': {
      title: '未安装 {kb}：.NET 3.5 程序停留在 TLS 1.0',
      why: '只有安装该更新后，.NET 2.0 至 3.5 的程序才遵循注册表值。',
    },
    'suites/switched-off': {
      title: '{key} 关闭了一些密码套件',
      why: '那里的 Enabled = 0 去掉了 {count} 个套件：{suites}。',
    },
    'suites/unknown-names': {
      title: '密码套件策略中有此 Windows 不认识的名称',
      why: '在 Windows 10 之前，ECDHE 套件的名称末尾必须带有曲线 (_P256)：不带曲线的 {count} 个名称会被忽略。',
    },
    'suites/policy': {
      title: '密码套件由策略决定',
      why: '组策略的列表取代 Windows 自己的列表。本地修改不起作用：请在策略中修改。',
    },
    'suites/none-in-common': {
      title: '提供了 TLS {version}，但没有服务器 {policy} 接受的密码套件',
      why: '版本相符，握手仍会失败，警报为 {alert}。',
    },
    'suites/gcm-update': {
      title: '无法证明已安装 {kb}：可能缺少用于 RSA 证书的 AES-GCM 套件',
      why: '没有它，此 Windows 对使用 RSA 证书的服务器不提供认证加密。',
    },
    'dh/client-minimum': {
      title: '拒绝小于 {bits} 位的 Diffie-Hellman 密钥',
      why: '如果服务器的 Diffie-Hellman 参数较小，它发送密钥后客户端会中断。Azure 和当前的服务器使用 2048 位或更大。',
    },
    'fips/on': {
      title: 'FIPS 开关已打开',
      why: 'Schannel 只使用 FIPS 套件和 NIST 曲线；4.7.2 及以前的 .NET 会拒绝自己的某些算法。Microsoft 称该开关已无必要。',
    },
    'roots/distrusted': {
      title: '此计算机不信任根证书 {name}',
      why: '它位于不受信任的证书存储区：当证书链以它结尾时，到 Azure 的连接会失败。',
    },
    'roots/no-update': {
      title: '不会自动获取根证书，且未安装 {names}',
      why: 'DisableRootAutoUpdate = 1 时，Windows 只认识其存储区中的根证书。Azure 的证书链以这些根结尾。',
    },
    'crypto-policy/legacy': {
      title: '系统范围的加密策略为 {policy}',
      why: '它为系统的所有程序保留旧版本、短密钥和 SHA-1 签名。DEFAULT 要求 TLS 1.2。',
    },
    'openssl/too-old': {
      title: 'OpenSSL {version} 没有 TLS 1.2',
      why: 'TLS 1.2 始于 OpenSSL 1.0.1。任何设置都无法添加它：必须更换该库以及用它编译的程序。',
    },
    'openssl/max-protocol': {
      title: 'MaxProtocol = {value} 使所有使用 OpenSSL 的程序失去 TLS 1.2',
      why: '除非程序自行设置，系统默认值决定其提供的最高版本。要求 TLS 1.2 的服务器会拒绝它们。',
    },
    'openssl/min-protocol': {
      title: 'MinProtocol = {value} 使旧版本仍在提供之列',
      why: '这不妨碍任何功能：新的服务器会选择 TLS 1.2 或 1.3。审计要求 TLSv1.2。',
    },
    'openssl/none-in-common': {
      title: 'OpenSSL 提供的内容服务器都不接受',
      why: 'CipherString 决定所有由 OpenSSL 选择密码套件的程序。',
    },
    'openssl/level-0': {
      title: 'OpenSSL 的安全级别为 0',
      why: '它在所有由 OpenSSL 决定级别的程序中放行 SHA-1 签名、短密钥和 TLS 1.0。',
    },
    'java/protocols': {
      title: 'Java 被设置为只提供 {value}',
      why: '系统属性 jdk.tls.client.protocols 取代 Java {version} 的默认值。要求 TLS 1.2 的服务器会拒绝它。',
    },
    'java/old': {
      title: 'Java {version} 默认只提供 TLS 1.0',
      why: '如果程序或系统属性 jdk.tls.client.protocols 要求，Java 7 可以使用 TLS 1.2；公开发行的 Java 6 不能。',
    },
    'java/disabled-algorithms': {
      title: 'jdk.tls.disabledAlgorithms 使 Java {version} 没有服务器可接受的内容',
      why: '该属性列出的内容，在此 Java 上的任何程序都不会提供也不会接受。',
    },
    'node/min-version': {
      title: 'NODE_OPTIONS 允许 Node 提供 TLS {version}',
      why: '这不妨碍任何功能：但此计算机上的所有 Node 程序会与要求旧版本的服务器使用旧版本。',
    },
    'agent/mars-dotnet': {
      title: 'Azure 备份代理需要 .NET Framework {needed}，而安装的是 {found}',
      why: '更早的版本无法默认使用 TLS 1.2。',
    },
    'agent/mars-old': {
      title: 'Azure 备份代理 {found} 早于 {needed}',
      why: '这样旧的代理登录到一个已经终止的服务。请安装当前的代理。',
    },
    'agent/mars-powershell': {
      title: 'Azure 备份代理的计划任务需要 PowerShell {needed}，而安装的是 {found}',
      why: '没有它，计划的备份不会启动。',
    },
    'agent/service-disabled': {
      title: '服务 {name} 已禁用',
      why: '无论 TLS 如何，它的备份都不会运行。',
    },
    'agent/32-bit': {
      title: 'Azure 备份代理只有 64 位 Windows 的版本',
      why: '此 Windows 是 32 位。',
    },
    'agent/dpm-dotnet': {
      title: 'DPM 使用 TLS 1.2 需要 .NET Framework {needed}，而安装的是 {found}',
      why: '这适用于 DPM 服务器及其保护的服务器。',
    },
    'agent/dpm-sql': {
      title: 'SQL Server {found}（实例 {instance}）没有 TLS 1.2；{needed} 或更高版本才有',
      why: 'DPM 的目录存放在其中，即使不加密的登录也以 TLS 开始：一旦在这台计算机上关闭 TLS 1.0，DPM 就无法访问它的数据库。',
    },
    'agent/dpm-sql-lost': {
      title: 'SQL Server {found}（实例 {instance}）没有 TLS 1.2，而这台计算机上的 TLS 1.0 已关闭',
      why: 'DPM 的目录存放在其中，每次登录都以 TLS 开始：DPM 无法访问它的数据库。{needed} 或更高版本才有 TLS 1.2；在安装之前，TLS 1.0 必须保持打开。',
    },
    'macos/too-old': {
      title: 'macOS {version} 没有 TLS 1.2',
      why: 'TLS 1.2 从 OS X 10.9 开始提供，任何设置都无法补上：只有自带 TLS 的程序（Java、Node、Homebrew）才能连接。',
    },
    'macos/old-openssl': {
      title: 'macOS {version} 自带的 openssl 是 0.9.8，没有 TLS 1.2',
      why: '使用系统自带 Python、Perl 或 Ruby 的脚本依赖它，只提供 TLS 1.0。使用 URLSession 的程序不受影响。',
    },
    'clock/ahead': {
      title: '这台计算机的时钟比 {server} 快 {skew}',
      why: '仍然有效的证书在这里看起来已过期，而存储服务（Azure、S3）会拒绝时间相差 15 分钟以上的请求。如果与另一台服务器比较没有差别，那么错的是 {server} 的时钟。',
    },
    'clock/behind': {
      title: '这台计算机的时钟比 {server} 慢 {skew}',
      why: '新证书在这里看起来尚未生效，而存储服务（Azure、S3）会拒绝时间相差 15 分钟以上的请求。如果与另一台服务器比较没有差别，那么错的是 {server} 的时钟。',
    },
    'proxy/winhttp': {
      title: '使用 WinHTTP 的程序经过代理 {server}',
      why: `${whatProxiesDo}Azure 备份代理使用它自己的设置和 LocalSystem 账户的设置。`,
    },
    'proxy/services': {
      title: '以 LocalSystem 身份运行的服务经过代理 {server}',
      why: `${whatProxiesDo}Azure 备份代理没有自己的代理设置时使用它。`,
    },
    'proxy/person': {
      title: '这台计算机上某个用户的程序经过代理 {server}',
      why: `${whatProxiesDo}服务不使用它：如果服务没有代理，浏览器能连接而备份可能不能。`,
    },
    'proxy/environment': {
      title: '环境变量指定了代理 {server}',
      why: `curl、restic、Python 和 Go 程序会经过它，服务只有在环境相同时才会。${whatProxiesDo}`,
    },
    'proxy/system': {
      title: '使用 URLSession 的程序经过代理 {server}',
      why: whatProxiesDo,
    },
    'os/service-pack': {
      title: '缺少 Service Pack {needed}',
      why: '没有它，带来 TLS 1.2 的更新无法安装。',
    },
    'os/build-as-installed': {
      title: 'Windows 的内部版本号取自其安装记录',
      why: '此后的升级可能已改变它。请同时提供 SOFTWARE 配置单元以得到确定的答案。',
    },
    'facts/not-read': {
      title: '无法读取它的事实',
      why: '对这台机器一无所知：{detail}。',
    },
    'facts/one-view': {
      title: 'SOFTWARE 的导出只包含两个视图中的一个',
      why: '其中没有 WOW6432Node：它是 32 位程序在 64 位 Windows 上写出的，或者这台 Windows 本身是 32 位的（SYSTEM 的导出可以说明）。另一个视图的内容未知。请用 64 位的 reg.exe 导出：reg export HKLM\\SOFTWARE software.reg /reg:64。',
    },
    'facts/dirty-hive': {
      title: '配置单元没有正常关闭，且没有日志保存其余内容',
      why: '读到的内容可能缺少上次会话的更改。请把 .LOG1 和 .LOG2 文件复制到它旁边。',
    },
    'facts/damaged': {
      title: '部分事实无法读取：{count} 处',
      why: '那里的内容是未知，而不是不存在。第一处：{detail}。',
    },
  },
  remedies: {
    'schannel-tls12': '在 Schannel 中为客户端打开 TLS 1.2',
    'schannel-tls13-remove': '删除强制打开的 TLS 1.3',
    'winhttp-tls12-64': '为 64 位程序在 WinHTTP 中加入 TLS 1.2',
    'winhttp-tls12-32': '为 32 位程序在 WinHTTP 中加入 TLS 1.2',
    'wininet-tls12': '在 WinINet 中加入 TLS 1.2',
    'dotnet4-strong-64': '让 .NET 4 的 64 位程序使用 Windows 提供的版本',
    'dotnet4-strong-32': '让 .NET 4 的 32 位程序使用 Windows 提供的版本',
    'dotnet2-strong-64': '让 .NET 3.5 的 64 位程序使用 Windows 提供的版本',
    'dotnet2-strong-32': '让 .NET 3.5 的 32 位程序使用 Windows 提供的版本',
    'suites-switch-on': '重新打开去掉套件的算法',
    'dh-minimum': '把可接受的最小 Diffie-Hellman 密钥降到 2048 位',
    'root-trust': '从不受信任的证书存储区中删除该根证书',
    'install-roots': '导入缺少的根证书：certutil -addstore root 文件（多台计算机可用组策略分发）',
    'install-update': '安装 {kb}',
    'install-dotnet': '安装 .NET Framework 4.8',
    'install-agent': '安装当前的 Azure 备份代理',
    'update-sql': '安装 SQL Server 的最后一个 Service Pack 和累积更新',
    'clock-windows': '校准时钟：启动 W32Time 服务，然后运行 w32tm /resync',
    'clock-linux': '校准时钟：timedatectl set-ntp true',
    'clock-macos': '校准时钟：sudo systemsetup -setusingnetworktime on',
    'replace-macos': '安装受支持的 macOS',
    'change-policy': '在设置该列表的组策略中修改',
    'crypto-policy-default': '将系统范围的加密策略设为 DEFAULT',
    'openssl-max-protocol': '在 OpenSSL 的配置中设置 MaxProtocol = TLSv1.3',
    'openssl-min-protocol': '在 OpenSSL 的配置中设置 MinProtocol = TLSv1.2',
    'openssl-cipher-string': '在 OpenSSL 的配置中设置 CipherString = DEFAULT:@SECLEVEL=2',
    'replace-openssl': '安装带有 OpenSSL 3 的受支持系统版本',
    'java-disabled-algorithms':
      '从 java.security 的 jdk.tls.disabledAlgorithms 中移除 TLS 1.2 和 1.3',
    'java-protocols': '使用 -Djdk.tls.client.protocols=TLSv1.2（或 JAVA_TOOL_OPTIONS）启动 Java',
    'replace-java': '安装受支持的 Java 版本',
  },
  restart: {
    reboot: '之后请重新启动 Windows，或至少重新启动所有使用 TLS 的服务。',
    programs: '之后重新启动使用它的程序和服务：它们在启动时读取这些文件。',
  },
  report: {
    machine: '计算机 {name}[：{system}][ ({version})]',
    stacks: 'TLS 协议栈，对照服务器 “{policy}”',
    consumers: '程序',
    findings: '发现',
    noFindings: '没有发现需要更改的内容。',
    offers: '提供 {versions}',
    offersNothing: '不提供任何版本',
    agrees: '协商结果为 {version}，{suite}[，{group}]',
    refused: '被拒绝：{why}',
    refusedByClient: '服务器会选择 {version}，而客户端不支持',
    depends: '取决于',
    assumed: '未读取，假定为默认值',
    missing: '缺少',
    installed: '已安装',
    notInstalled: '未安装',
    installedUnknown: '不知是否安装',
    absent: '不存在',
    evidence: '依据',
    source: '来源',
    secondary: '非原厂资料',
    remedy: '补救',
    problems: '未能读取',
    at: '偏移 {offset}',
    line: '第 {line} 行',
    summary: '{total} 台计算机：{ready} 台就绪，{notReady} 台未就绪，{unknown} 台未知',
    sameFinding: '{count} 台计算机',
    undoBelow: '撤销文件为 {file}。',
    nothingToFix: '此计算机没有需要更改的内容。',
    byHand: '手动操作：',
    heading: '计算机',
    system: '系统',
    verdict: '结论',
    because: '原因',
    written: '已写入 {file}',
    fixes: '{name} 的更改：',
    applied: '已完成并核对。撤销命令：sealift fix --undo {id}',
    undone: '{id} 已撤销：其更改的一切都已恢复原状。',
    undoneBefore: '{id} 此前已撤销；未作任何更改。',
  },
};
