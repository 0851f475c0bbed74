/** Simplified Chinese words of `explain`. */

import type { ExplainTexts } from './explain-texts.ts';

export const chinese: ExplainTexts = {
  platforms: {
    any: '任何平台',
    windows: 'Windows',
    dotnet: '.NET Framework',
    java: 'Java',
    openssl: 'OpenSSL、Python、curl、restic',
    node: 'Node.js',
    'azure-backup': 'Azure 备份代理',
    server: '服务器端',
  },
  causes: {
    'client-too-old': {
      title: '此客户端只提供服务器已不再使用的 TLS 版本',
      means:
        '客户端最高只提供 TLS 1.0 或 1.1，而服务器要求 1.2。服务器会发出 protocol_version 警报，或者直接切断连接（错误 10054），因为 Schannel 不保证在关闭前发出警报。',
      check:
        '每次都立即失败，没有传输任何数据。在本机运行 `sealift doctor`，它会列出提供版本过低的每个程序。运行 `sealift explain --server HOST:PORT`：服务器接受 TLS 1.2 而拒绝 1.0。同一网络中较新的机器可以连接。',
      fixes: {
        windows:
          '安装 KB3140245（Windows 7 SP1、Server 2008 R2 SP1、2012）或 KB4019276（Server 2008 SP2）。在 HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client 下设置 Enabled=1 和 DisabledByDefault=0（DWORD）；在两个注册表视图中为 WinHttp 的 DefaultSecureProtocols 加上 0x800。`sealift fix --emit reg` 只写出本机缺少的内容以及撤消文件。在 Windows 8.1、Server 2012 R2 及更高版本上，没有这些键是正常的。然后重新启动。',
        dotnet:
          '在 HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319 以及 WOW6432Node 下的同一键中设置 SchUseStrongCrypto=1 和 SystemDefaultTlsVersions=1（DWORD）；如有 .NET 3.5 程序，v2.0.50727 下也要设置。',
        'azure-backup':
          '完成 Windows 和 .NET 的更改，然后重新启动服务：net stop obengine，net start obengine。并更新代理。',
        java: '使用 Java 8u261 或更高版本。Java 7 请加上 -Dhttps.protocols=TLSv1.2（或 jdk.tls.client.protocols=TLSv1.2）；Java 6 必须更换。',
        openssl:
          '使用 OpenSSL 1.0.1 或更高版本（TLS 1.3 需要 1.1.1），并使用不固定版本的程序；检查 openssl.cnf 中的 MaxProtocol。',
        node: '从程序中去掉 --tls-max-v1.1、maxVersion 和 secureProtocol，并使用仍在维护的 Node.js。',
      },
    },
    'dotnet-old-default': {
      title: '某个 .NET 程序因设置而只请求 TLS 1.0',
      means:
        '为 .NET Framework 4.5.2 或更早版本编译的程序，无论 Windows 支持什么，都只请求 SSL 3.0 和 TLS 1.0，直到两个注册表值改变这一点。因此握手失败，而同一台机器上的浏览器可以连接。',
      check:
        '本机的浏览器或 curl 能连接同一地址，而 .NET 程序不能。在 PowerShell 中 [Net.ServicePointManager]::SecurityProtocol 显示 Ssl3, Tls。`sealift doctor --consumer dotnet` 会指出这些值。',
      fixes: {
        dotnet:
          '在 HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319 和 WOW6432Node 下设置 SchUseStrongCrypto=1 和 SystemDefaultTlsVersions=1（DWORD）（.NET 3.5 为 v2.0.50727）。在 Windows 7 和 Server 2008 R2 上还要在 TLS 1.2\\Client 下设置 DisabledByDefault=0，否则第二个值得到的是 TLS 1.0。然后重新启动程序。',
        'azure-backup':
          '停止代理（net stop obengine），在两个注册表视图中设置这两个值，再启动代理（net start obengine）。如果服务无法停止，请重新启动机器（KB4022913）。',
      },
    },
    'local-versions-disabled': {
      title: '本机的设置没有留下任何可用的 TLS 版本或密码套件',
      means:
        '程序请求的版本或套件在本机都被关闭了（Schannel 键、密码套件顺序策略、FIPS 模式、jdk.tls.disabledAlgorithms、MinProtocol）。握手在本机就失败了，无需服务器应答。',
      check:
        '对每个服务器都失败，即使服务器不可达。Schannel 写入事件 36871，内部错误状态为 10013。`sealift doctor` 会显示哪项设置去掉了什么。',
      fixes: {
        windows:
          '检查 SCHANNEL\\Protocols\\TLS 1.2\\Client 下是否有 Enabled=0，密码套件顺序策略中是否没有可用套件，以及 FipsAlgorithmPolicy。`sealift fix` 会写出更改及其撤消。如果由组策略设置，请在组策略中更改。',
        dotnet:
          '让程序使用 Windows 的默认值：在两个注册表视图中设置 SystemDefaultTlsVersions=1 和 SchUseStrongCrypto=1；从代码或配置中去掉 SslProtocols 和 SecurityProtocol。',
        java: '将 java.security 中的 jdk.tls.disabledAlgorithms 与程序请求的版本（jdk.tls.client.protocols、https.protocols）比较，让程序请求 TLSv1.2 和 TLSv1.3。',
        openssl:
          '将 openssl.cnf 中的 MinProtocol、MaxProtocol 和 CipherString（以及发行版的策略）与程序的选项比较。',
        node: '将程序的 minVersion、maxVersion 和 ciphers 与 --tls-min-v1.x、--tls-max-v1.x 和 --tls-cipher-list 比较。',
      },
    },
    'server-too-old': {
      title: '服务器只使用此客户端拒绝的 TLS 版本',
      means:
        '服务器选择了 TLS 1.1 或更低版本（或只用 SHA-1 签名），而此客户端至少要求 1.2。客户端是对的。',
      check:
        '`sealift explain --server HOST:PORT` 显示服务器应答的版本。较新的客户端都失败，旧客户端能连接。',
      fixes: {
        server: '在服务器上启用 TLS 1.2 或 1.3，或者在它前面放置 `sealift door`。',
        any: '不要降低客户端的要求。如果暂时别无他法，只对这一台服务器允许旧版本。',
      },
    },
    'version-fallback': {
      title: '客户端用较低的 TLS 版本重试，被服务器发现',
      means:
        '一次失败之后，客户端用较低版本重试并作了声明（TLS_FALLBACK_SCSV）；服务器支持更高版本，因此拒绝（RFC 7507）。真正的故障是第一次失败。',
      check:
        '查看此前的那次尝试：有东西切断了较高版本的握手。在本机运行 `sealift explain --server HOST:PORT`。',
      fixes: {
        any: '去掉破坏较高版本的因素（旧的中间设备），或将客户端更新为不会降级重试的版本。',
      },
    },
    'no-common-suite': {
      title: '客户端与服务器没有共同的密码套件、密钥交换组或签名算法',
      means:
        '双方版本一致，但一方提供的套件、密钥交换组或签名算法，另一方一个也不接受。服务器会发出 handshake_failure 或 insufficient_security。',
      check:
        '版本没有问题，但使用同一 TLS 实现的所有程序都失败。`sealift negotiate --client … --server …` 或 `sealift explain --server HOST:PORT` 会显示哪一方缺少什么。',
      fixes: {
        windows:
          '在 Windows 7 和 Server 2008 R2 上安装 KB3042058（AES-GCM 套件）。去掉列出本机 Windows 没有的套件的顺序策略（SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002）；Windows 10 之前的 ECDHE 名称需要曲线后缀。',
        java: '使用 Java 8u161 或更高版本（默认启用强套件）；去掉 jdk.tls.client.cipherSuites。',
        openssl:
          '去掉程序和 openssl.cnf 中过窄的列表（CipherString、Groups、SignatureAlgorithms）。',
        server:
          '接受 ECDHE 加 AES-GCM；对使用 RSA 证书的 Windows 7 至 8.1，接受 ECDHE-RSA 加 AES-CBC 或 DHE-RSA 加 AES-GCM；或者使用 ECDSA 证书。',
      },
    },
    'weak-dh': {
      title: '服务器的 Diffie-Hellman 参数过小',
      means: '服务器发送的 Diffie-Hellman 素数小于 2048 位，客户端拒绝。',
      check:
        '`openssl s_client -connect HOST:PORT -tls1_2 -cipher DHE` 显示其大小（Server Temp Key）。只用 ECDHE 套件时客户端可以连接。',
      fixes: {
        server: '生成 2048 位或更长的参数，或只提供 ECDHE。',
        openssl: '在服务器修复之前，去掉 DHE 套件：在密码列表后加 :!DHE。',
      },
    },
    'old-renegotiation': {
      title: '服务器或其前面的设备不支持安全重新协商（RFC 5746）',
      means: 'OpenSSL 3 拒绝不支持安全重新协商的服务器；通常是旧的负载均衡器或检查流量的代理。',
      check: '比较网络内外的应答：如果只有内部失败，设备就在您的网络中。',
      fixes: {
        server: '更新服务器或其前面的设备。',
        openssl: '在此之前，可在仅供该程序使用的配置中设置 Options = UnsafeLegacyServerConnect。',
      },
    },
    'alpn-mismatch': {
      title: '客户端与服务器没有共同的应用协议（ALPN）',
      means: '客户端提供的协议（例如 h2）在此端口上不可用。',
      check: '检查主机和端口：那里可能是另一个服务。',
      fixes: { any: '使用正确的端口，或让客户端同时提供 http/1.1。' },
    },
    'something-between': {
      title: '途中的防火墙、代理或检查设备切断了连接',
      means:
        '连接已建立，但途中的设备看到握手消息后，按照其关于版本、名称或证书的规则重置连接或返回无意义的内容。',
      check:
        '从另一个网络（如手机）尝试同一地址：那里可以。此网络中的其他新旧机器也失败。只有某些名称被重置。',
      fixes: {
        any: '请网络团队让本机不经检查地访问该地址，并查看此时刻的日志。',
        'azure-backup':
          '让 *.microsoft.com、*.windowsazure.com、*.microsoftonline.com 和 *.windows.net 的 443 端口不经检查地通过，或使用服务标记 AzureBackup、Storage 和 AzureActiveDirectory。',
      },
    },
    'tls-inspection': {
      title: '证书不是服务器自己的：途中有设备检查 TLS',
      means: '途中或本机上的安全产品终止连接，并出示其自己的颁发机构的证书，而此程序不信任该机构。',
      check:
        '`sealift explain --server HOST:PORT` 显示颁发者：是公司或产品的名称，而不是公共机构。从另一个网络看，颁发者不同。',
      fixes: {
        any: '将该地址排除在检查之外。信任设备的颁发机构是次选：这样它就能读取一切内容。',
        'azure-backup': '将 Azure 备份的地址排除在检查之外。',
      },
    },
    'clock-wrong': {
      title: '本机的时钟不正确',
      means: '证书只在两个时刻之间有效。时钟过慢或过快时，正常的证书看起来已过期或尚未生效。',
      check:
        '将日期、时间和时区与手表比较；`sealift explain --server HOST:PORT` 显示与服务器时钟的差异。许多服务器会同时失败。',
      fixes: {
        windows: '运行 w32tm /resync，或设置时间和时区；检查主板电池。',
        any: '校正时钟并用 NTP 保持（timedatectl set-ntp true）。',
      },
    },
    'certificate-expired': {
      title: '服务器的证书已过期',
      means: '证书或其某个颁发机构的证书已超过有效期。',
      check:
        '所有客户端从同一时刻起失败，`sealift explain --server HOST:PORT` 显示到期日，而时钟一致。',
      fixes: { server: '续订证书，连同证书链一起安装，并重新加载服务器。' },
    },
    'untrusted-root': {
      title: '本机不信任颁发该证书的机构',
      means: '程序读取的存储中缺少证书链的根：根列表过旧、私有机构，或程序有自己的存储。',
      check:
        '其他地方的浏览器认识该颁发者而本机不认识，或者它是私有机构。`sealift explain --server HOST:PORT` 会打印证书链。',
      fixes: {
        windows:
          '让 Windows 更新根列表（没有 DisableRootAutoUpdate，可访问 ctldl.windowsupdate.com），或将根导入计算机的“受信任的根证书颁发机构”：certutil -addstore Root FILE。',
        java: 'keytool -importcert -cacerts -file FILE -alias NAME，或更新 Java。',
        openssl:
          '更新 ca-certificates 软件包，或给出根证书：--cacert FILE（restic、curl、sealift）、SSL_CERT_FILE、REQUESTS_CA_BUNDLE。',
        node: 'NODE_EXTRA_CA_CERTS=FILE，或在 Node.js 22.15 及更高版本上使用 --use-system-ca。',
        'azure-backup':
          '该服务需要计算机存储中有 DigiCert Global Root G2（df3c24f9bfd666761b268073fe06d1cc8d4f82a4）以及 Microsoft 2017 年的 RSA 和 ECC 根。',
      },
    },
    'incomplete-chain': {
      title: '服务器没有发送其中间证书',
      means: '证书链有缺口，浏览器会自行补上而程序不会：看起来像未知的机构。',
      check:
        '浏览器可以连接，curl 和 Java 不行。`sealift explain --server HOST:PORT` 只显示一张证书。',
      fixes: { server: '安装完整的证书链（先是服务器证书，然后是中间证书）。' },
    },
    'name-mismatch': {
      title: '证书是颁发给另一个名称的',
      means: '证书中没有客户端请求的名称：地址错误、别名、IP 地址，或客户端没有发送名称（SNI）。',
      check:
        '`sealift explain --server HOST:PORT` 会打印证书中的名称。如果名称正确但颁发者陌生，请考虑 TLS 检查。',
      fixes: {
        any: '使用证书中包含的名称。',
        server: '为客户端使用的所有名称颁发证书。',
      },
    },
    'unknown-server-name': {
      title: '服务器不提供所请求的名称',
      means: '多个服务共用该地址，但没有一个使用此名称（警报 unrecognized_name）。',
      check: '检查主机名的拼写及其 DNS 记录的指向。',
      fixes: {
        any: '在配置或 DNS 中更正主机名。',
        server: '在服务器的配置中添加该名称。',
      },
    },
    'certificate-revoked': {
      title: '证书已被吊销',
      means: '颁发机构在到期前收回了证书，往往是因为密钥泄露。',
      check: '颁发机构的 CRL 或 OCSP 应答对每个查询的客户端都这样说。',
      fixes: { server: '用新的密钥申请新的证书。' },
    },
    'revocation-unreachable': {
      title: '本机无法检查证书是否被吊销',
      means: '客户端必须通过明文 HTTP（CRL、OCSP）询问颁发机构证书是否仍然有效，但无法访问。',
      check:
        '运行 certutil -url FILE，或以服务的帐户在浏览器中打开 CRL 的地址：需要 80 端口，往往还需要 WinHTTP 代理。',
      fixes: {
        any: '开放到颁发机构的 CRL 和 OCSP 主机的 HTTP 80 端口。',
        'azure-backup':
          '开放到 crl3.digicert.com、crl4.digicert.com、ocsp.digicert.com、crl.microsoft.com、oneocsp.microsoft.com 和 www.microsoft.com/pkiops 的 80 端口。',
      },
    },
    'weak-certificate': {
      title: '证书过弱，或其签名方式本机不认识',
      means:
        '密钥过短，或签名使用了此客户端拒绝的 SHA-1 或 MD5；或者本机的 Windows 过旧，不支持 SHA-2 签名。',
      check: '`sealift explain --server HOST:PORT` 会打印每张证书的密钥和签名。',
      fixes: {
        server: '使用 2048 位或更长的 RSA 密钥（或 ECDSA P-256）和 SHA-256 签名。',
        windows:
          '在 Windows 7 和 Server 2008 R2 上安装 KB4474419 和 KB4490628（SHA-2）以及 KB2973337（TLS 1.2 中的 SHA-512）。',
      },
    },
    'certificate-usage': {
      title: '证书不适用于此用途',
      means: '其增强型密钥用法缺少服务器（或客户端）身份验证。',
      check: '查看证书的增强型密钥用法。',
      fixes: { server: '颁发带有 serverAuth（1.3.6.1.5.5.7.3.1）的证书。' },
    },
    'client-certificate-needed': {
      title: '服务器要求客户端证书，但没有收到',
      means:
        '双向 TLS：在 TLS 1.2 中以 handshake_failure 拒绝；在 1.3 中，客户端以为已连接之后才收到 certificate_required。',
      check:
        '`openssl s_client -connect HOST:PORT` 会说明服务器是否要求证书（Acceptable client certificate CA names）。',
      fixes: {
        any: '为客户端提供证书和密钥（--tls-client-cert FILE），或重新注册本机：sealift enroll。',
      },
    },
    'client-certificate-rejected': {
      title: '服务器不接受此客户端的证书',
      means: '证书已过期、被吊销、来自其他机构，或不适用于客户端；警报会说明是哪一种。',
      check: '查看客户端证书的日期和颁发者，以及服务器的日志。',
      fixes: { any: '续订客户端证书：sealift enroll，或按您的颁发机构的方式。' },
    },
    'client-key-unusable': {
      title: '客户端证书的私钥无法使用',
      means: '密钥缺失、损坏，或服务的帐户无权读取。',
      check: 'certutil -store My 会显示密钥是否存在；事件 36869 和 36870 会指出它。',
      fixes: {
        windows: '允许服务的帐户读取密钥（管理私钥），或重新导入带密钥的证书。',
        any: '检查密钥与证书是否匹配，以及文件是否可读。',
      },
    },
    'access-denied': {
      title: '服务器认识此客户端，但不允许访问',
      means: 'TLS 正常；登录或证书没有访问所请求内容的权限。',
      check: '查看服务器此时刻的日志。',
      fixes: {
        any: '检查位置中的用户、密码和路径。',
        server: '授予客户端权限，或重新注册。',
      },
    },
    'not-tls': {
      title: '那里的应答不是 TLS',
      means:
        '应答是明文：明文 HTTP 端口、代理的错误页面、以明文开始的协议（STARTTLS），或端口错误。',
      check:
        '`curl http://HOST:PORT/` 显示应答内容；`sealift explain --server HOST:PORT` 会引用其开头的字节。',
      fixes: { any: '使用 TLS 端口；如果该服务器本应是明文，则使用明文方案。' },
    },
    'transfer-cut': {
      title: '连接在传输过程中断开',
      means:
        '数据传输之后，空闲限制、重新启动、路由器或过大的数据包（MTU）结束了连接。原因不是 TLS 版本。',
      check: '失败之前已有数据到达，且所用时间不固定。较小的传输能成功。',
      fixes: {
        any: '再运行一次（备份会从中断处继续）。如果反复出现，请检查防火墙的空闲限制、MTU 和服务器的日志。',
      },
    },
    'corrupted-traffic': {
      title: '数据在途中损坏',
      means: '某条记录无法解密：修改数据的设备、有故障的网卡、内存，或某一方 TLS 实现的缺陷。',
      check: '关闭网卡的卸载功能或改走另一条路径后，是否不再出现？',
      fixes: { any: '更新驱动程序，试着关闭卸载功能，并将设备从路径中移出。' },
    },
    'local-software': {
      title: '本机上的软件结束了连接',
      means: '关闭套接字（10053）的是本机的安全产品或网络堆栈，而不是对方。',
      check: '暂停安全产品后再试一次，并查看其日志。',
      fixes: { any: '将备份程序排除在检查之外。' },
    },
    'name-not-resolved': {
      title: '主机名在本机没有地址',
      means: '名称服务没有应答或不知道该名称。这与 TLS 无关。',
      check: '在本机和其他地方运行 nslookup HOST。',
      fixes: { any: '更正名称、本机的 DNS 服务器或专用区域。' },
    },
    'port-closed': {
      title: '该端口上没有服务在监听',
      means: '机器应答并拒绝了连接。这与 TLS 无关。',
      check: '服务器是否在运行，端口是否正确？',
      fixes: { any: '启动服务器，或更正主机和端口。' },
    },
    'port-filtered': {
      title: '通往服务器的路径被阻断，或服务器没有应答',
      means: '没有及时收到应答：防火墙丢弃了数据包，或机器已关闭。这与 TLS 无关。',
      check: '尝试普通连接：Test-NetConnection HOST -Port PORT，或 nc -vz HOST PORT。',
      fixes: {
        any: '在途中的防火墙上开放端口，或设置此网络所需的代理。',
        'azure-backup':
          '开放到 *.microsoft.com、*.windowsazure.com、*.microsoftonline.com 和 *.windows.net（20.190.128.0/18、40.126.0.0/18）的 443 端口，或在代理程序中设置代理服务器。',
      },
    },
    'no-route': {
      title: '没有到服务器的路由',
      means: '本机的网络无法到达该地址。这与 TLS 无关。',
      check: '运行 tracert HOST 或 traceroute HOST；IPv6 地址是常见原因。',
      fixes: { any: '修复路由或 VPN；检查 IPv6 在本机是否可用。' },
    },
    proxy: {
      title: '代理缺失、错误，或要求登录',
      means: '请求发往拒绝它的代理，或本应经过代理却没有。',
      check: '以服务的帐户查看 netsh winhttp show proxy 以及变量 HTTPS_PROXY 和 NO_PROXY。',
      fixes: {
        any: '为此程序设置正确的代理及其登录，或用 NO_PROXY 排除该地址。',
        windows: 'netsh winhttp set proxy …；服务使用的是这个设置，而不是浏览器的设置。',
        'azure-backup':
          '在代理程序的属性中设置代理服务器及其登录（错误 407 总是代理服务器的问题）。',
      },
    },
    'server-trouble': {
      title: '服务器自身有问题',
      means: '服务器报告内部错误，或因自身原因中断。',
      check: '查看服务器此时刻的日志；其他客户端是否也失败？',
      fixes: {
        any: '稍后再试。',
        server: '查看其日志、负载和证书文件。',
      },
    },
    'vault-credentials': {
      title: '保管库凭据未被接受',
      means: '文件属于另一个保管库，已超过 48 小时，或代理无法连接服务来验证。',
      check: '下载新的凭据文件。如果仍然失败，请检查连接和代理服务器。',
      fixes: {
        'azure-backup': '用新的文件重新注册；将代理程序排除在防病毒之外，并检查其代理服务器设置。',
      },
    },
    'service-trouble': {
      title: '是服务本身的问题，而不是连接的问题',
      means: '服务在等待其他东西：磁盘、依赖项，或密码已更改的帐户。',
      check: '查看同一分钟的应用程序日志和代理自己的日志，其中没有 TLS 错误。',
      fixes: { windows: '检查其帐户、依赖项和可用空间；重新启动机器。' },
    },
  },
  readings: {
    'aborted-locally': '本机自己结束了连接',
    'access-denied': 'TLS 成功之后服务器拒绝了访问',
    'alert-received': '对方以警报 {alert} 拒绝',
    'alert-sent': '本方以警报 {alert} 拒绝',
    'alert-at-server': '客户端以警报 {alert} 拒绝了此服务器',
    alpn: '没有共同的应用协议',
    'certificate-bad': '证书未通过验证',
    'certificate-expired': '证书不在有效期内',
    'certificate-name': '名称与证书不符',
    'certificate-not-yet-valid': '证书尚未生效',
    'certificate-revoked': '证书已被吊销',
    'certificate-self-signed': '本机不信任的自签名证书',
    'certificate-untrusted': '证书链终止于本机不信任的机构',
    'certificate-usage': '证书不适用于此用途',
    'certificate-weak': '证书的密钥或签名过弱，或无法识别',
    clock: '时钟相差过大',
    'client-certificate': '与本方应出示的证书有关',
    'client-key': '私钥无法使用',
    'client-offers-old': '客户端只提供服务器拒绝的版本',
    'closed-in-handshake': '握手完成之前连接被关闭',
    'connection-failed': '无法连接服务',
    credentials: '凭据未被接受',
    'dh-small': '服务器的 Diffie-Hellman 密钥过小',
    'dotnet-channel': '某个 .NET 程序未能建立 TLS',
    'handshake-failed': 'TLS 握手失败，未说明原因',
    'incomplete-chain': '无法建立证书链',
    'internal-error': '报告了内部错误',
    'name-not-resolved': '无法解析名称',
    'no-common-algorithm': '没有共同的算法：由本机判定',
    'no-local-version': '本方没有留下任何 TLS 版本或套件',
    'no-shared-suite': '没有共同的套件、密钥交换组或签名算法',
    'not-tls': '应答不是 TLS',
    'no-credential':
      'Windows 无法准备 TLS 客户端：请求的版本已关闭（内部错误状态 10013），或私钥有问题',
    'old-version-asked': '某个程序请求了在本机已关闭的版本',
    proxy: '代理拒绝，或找不到代理',
    'record-damaged': '记录无法解密',
    refused: '连接被拒绝',
    renegotiation: '服务器不支持安全重新协商',
    reset: '对方强行切断了连接（重置）',
    revocation: '无法检查吊销状态',
    'security-error': '安全错误，通常的原因是 TLS 和证书',
    'server-version-refused': '服务器选择了此客户端拒绝的版本',
    'service-hangs': '服务没有按预期停止或启动',
    timeout: '没有及时收到应答',
    'transfer-cut': '连接在传输过程中结束',
    unreachable: '无法到达该地址',
  },
  observations: {
    'server.portClosed': '{server} 在此端口上拒绝连接',
    'server.portFiltered': '{server} 在此端口上没有应答',
    'server.noRoute': '从本机无法到达 {server}（{code}）',
    'server.notResolved': '名称 {host} 在本机无法解析（{code}）',
    'server.notTls': '那里的应答不是 TLS：{start}',
    'server.oldRefused': '服务器使用 {spoken}，拒绝 {refused}：{how}',
    'server.oldReset': '服务器使用 {spoken}，不发警报就切断 {refused}，客户端看到的就是 10054',
    'server.oldAccepted': '从本机看，服务器仍使用 {spoken}，因此旧客户端不会因版本而被拒绝',
    'server.onlyOld': '服务器只使用 {spoken}',
    'server.allCut': '连接可以建立，但每次握手都得到：{how}',
    'server.expired': '证书的有效期到 {until} 为止',
    'server.notYetValid': '证书从 {from} 起才有效',
    'server.clockAhead': '本机的时钟比服务器快 {skew}',
    'server.clockBehind': '本机的时钟比服务器慢 {skew}',
    'server.clockRight': '时钟与服务器一致',
    'server.untrusted': '本机不信任该证书链（{code}）；颁发者：{issuer}',
    'server.incomplete': '服务器发送了 {count} 张证书，没有 {issuer} 的中间证书',
    'server.selfSigned': '证书由 {issuer} 自签名',
    'server.name': '证书属于 {names}，而不是 {host}',
    'server.inspected': '颁发者是 {issuer}：{vendor} 在检查 TLS',
    'server.privateIssuer': '公共名称使用了 {issuer} 的证书，而它不是公共机构',
    'server.trusted': '本机信任该证书和证书链',
    'server.clientCertificate': '服务器要求客户端证书',
    'server.nameRefused': '服务器不认识名称 {host}',
    'server.proxy': '设置了代理：{proxies}；此检查没有使用它',
    'server.proxyFails': '代理 {proxy} 不放行此连接：{problem}',
    'server.proxyOnly': '服务器通过代理 {proxy} 应答（颁发者：{issuer}），直接连接则不行',
    'server.proxySame': '通过代理 {proxy} 与直接连接，证书的颁发者相同',
    'server.proxyInspects':
      '通过代理 {proxy} 时颁发者是 {issuer}，直接连接时是 {direct}：代理在检查 TLS',
    'server.fine': '服务器应答 {spoken}，从本机看没有问题',
    'machine.bestVersion': '本机最高只提供 {version}',
    'machine.modern': '本机提供 {version}',
    'machine.ready': '根据事实，机器已可使用 TLS 1.2：{stacks}',
    'machine.notReady': '根据事实，机器在此最高只提供 {version}：{stacks}',
    'machine.nothingToOffer': '根据事实，机器在此什么也不提供：{stacks}',
    'machine.clockAhead': '本机的时钟快 {skew}',
    'machine.clockBehind': '本机的时钟慢 {skew}',
  },
};
