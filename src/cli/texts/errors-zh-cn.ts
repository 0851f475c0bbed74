/** Simplified Chinese texts of the error codes. */

import type { ErrorCode } from '../../base/errors.ts';
import type { ErrorText } from './errors.ts';

export const chineseErrors: Readonly<Record<ErrorCode, ErrorText>> = {
  'agent/enrol-refused': {
    message: '保管库拒绝注册本机',
    hint: '请在保管库上运行 sealift vault invite NAME，获取新的邀请。',
  },
  'agent/identity': {
    message: '该服务器不是邀请所指的保管库',
    hint: '请检查地址；如果地址正确，请获取新的邀请。',
  },
  'agent/not-enrolled': {
    message: '本机尚未在保管库[ {name} ]注册',
    hint: '请先运行 sealift enroll URL --token TOKEN。',
  },
  'agent/token': {
    message: '无法识别邀请令牌',
    hint: '请从 sealift vault invite 的输出中重新完整复制令牌。',
  },
  'api/conflict': {
    message: '目前的状态不允许此操作[：{detail}]',
    hint: '请重新载入页面，再做一次更改。',
  },
  'api/forbidden': {
    message: '角色 {role} 不能执行此操作；需要 {needed}',
    hint: '请向保管库的所有者申请该角色，或请其代为操作。',
  },
  'api/forgery': {
    message: '请求并非来自此保管库的页面',
    hint: '请重新打开控制台；程序应发送 GET /session 的 CSRF 令牌，或使用持有者令牌。',
  },
  'api/internal': {
    message: '保管库处理此请求时失败',
    hint: '请查看保管库的日志，然后重试。',
  },
  'api/invalid': {
    message: '请求有误[，位于 {field}][：{problem}]',
    hint: '请对照 /api/v1/openapi.json 检查。',
  },
  'api/media-type': {
    message: '请求正文必须是 {wanted}',
    hint: '请使用该 Content-Type 发送。',
  },
  'api/method': {
    message: '此路径不支持 {method}',
    hint: '请对照 /api/v1/openapi.json 检查。',
  },
  'api/not-found': {
    message: '没有这样的{what}',
    hint: '它可能已被移除；请重新读取列表。',
  },
  'api/response': {
    message: '位于 {url} 的保管库返回了此 Sealift 无法理解的内容',
    hint: '请更新两者中较旧的一方。',
  },
  'api/sign-in': {
    message: '名称或密码错误，或该证书没有对应的用户',
    hint: '请重试；所有者可以设置新密码：sealift vault console-user。',
  },
  'api/throttled': {
    message: '尝试次数过多',
    hint: '请等待 {seconds} 秒。',
  },
  'api/too-large': {
    message: '请求超过 {limit}',
    hint: '请减少一次发送的内容。',
  },
  'api/unauthenticated': {
    message: '尚未登录',
    hint: '请重新登录；程序需要仍然有效的令牌。',
  },
  'api/unavailable': {
    message: '保管库目前无法执行此操作[：{detail}]',
    hint: '请一分钟后重试。',
  },
  'backend/corrupt': {
    message: '存储的文件已损坏[：{file}]',
    hint: '运行 sealift check --read-data 查明受影响的内容。',
  },
  'backend/exists': { message: '文件已经存在[：{file}]', hint: '' },
  'backend/forbidden': {
    message: '服务器或文件系统禁止此操作',
    hint: '请检查权限；仅追加模式的保管库会拒绝删除。',
  },
  'backend/full': {
    message: '存放存储库的位置没有剩余空间',
    hint: '请在那里腾出空间后重新运行；已存储的内容会被重用。',
  },
  'backend/io': {
    message: '读写存储库失败[：{file}]',
    hint: '请检查磁盘以及存储库的权限。',
  },
  'backend/location': {
    message: '无法识别存储库的位置',
    hint: '请使用 /path、rest:https://host:port/name/ 或 sealift:NAME。',
  },
  'backend/not-found': {
    message: '存储库缺少文件[：{file}]',
    hint: '运行 sealift check 查明受影响的内容。',
  },
  'backend/protocol': {
    message: '服务器的应答不符合 REST 协议',
    hint: '请确认该地址是保管库或 restic REST 服务器。',
  },
  'backend/range': {
    message: '存储库的文件比预期短[：{file}]',
    hint: '运行 sealift check --read-data 查明受影响的内容。',
  },
  'backend/unauthorized': {
    message: '服务器不接受该登录',
    hint: '请检查存储库位置中的用户名和密码，或客户端证书。',
  },
  'backend/unreachable': {
    message: '无法连接服务器',
    hint: '请检查地址和网络，并确认保管库正在运行。',
  },
  'check/damaged': {
    message: '存储库中有错误',
    hint: '上面各行指出了损坏的内容；请还原并重新备份受影响的部分。',
  },
  'door/certificate': {
    message: '门户的证书无法使用[：{path}]',
    hint: '请用 --cert 提供证书链、用 --key 提供其私钥，两者均为 PEM 格式。',
  },
  'door/listen': {
    message: '门户无法在该地址监听[：{address}]',
    hint: '请用 --listen HOST:PORT 选择其他地址或端口。',
  },
  'facts/contradictory': {
    message: '事实相互矛盾[：{file}][，{detail}]',
    hint: '请重新收集此计算机的事实；可能混入了两台计算机的数据。',
  },
  'facts/invalid': {
    message: '这不是事实文档[：{file}][，字段 {field}][：{detail}]',
    hint: '请重新收集事实；其模式见 docs/schemas/facts.schema.json。',
  },
  'facts/newer': {
    message:
      '事实文档比本 Sealift 更新[：{file}][，其版本为 {found}][，可读取的最高版本为 {supported}]',
    hint: '请在此处更新 Sealift，或用当前版本重新收集事实。',
  },
  'facts/too-large': {
    message: '文件过大，不可能是一台计算机的事实[：{file}][，大小为 {size}][，上限为 {limit}]',
    hint: '请指定 .reg 导出文件、配置单元（SYSTEM、SOFTWARE）、事实文件，或包含它们的文件夹。',
  },
  'facts/unreadable': {
    message: '无法从中读取事实[：{file}][，{detail}]',
    hint: '请指定 .reg 导出文件、配置单元（SYSTEM、SOFTWARE）、事实文件，或已挂载的 Windows 磁盘的文件夹。',
  },
  'fix/changed': {
    message: '{what} 已被他人更改',
    hint: '此次未作任何更改。请再次运行 sealift doctor，并按其结果决定。',
  },
  'fix/forbidden': {
    message: '无法写入 {what}；未作任何更改',
    hint: '请以管理员身份运行该命令。',
  },
  'fix/incomplete': {
    message: '更改之后 {what} 仍不正确',
    hint: '更改之前的内容保存在 {file} 中。',
  },
  'fix/unknown-id': {
    message: '{folder} 中没有修复 {id}',
    hint: '该文件夹中的子文件夹以可撤销的 ID 命名。',
  },
  'forget/incomplete': {
    message: '有 {count} 个快照无法删除；已删除 {removed} 个',
    hint: '请再次运行同一命令，剩余的快照届时会被删除。',
  },
  'forget/refused': {
    message: '按此保留规则，该组[ {group}]将不剩任何快照；未删除任何内容',
    hint: '请至少保留一个，例如 --keep-last 1，或使用 --unsafe-allow-remove-all。',
  },
  'format/compression': {
    message: '压缩数据无法解压',
    hint: '运行 sealift check --read-data 查明受影响的内容。',
  },
  'format/config': {
    message: '存储库的 config 文件已损坏',
    hint: '请从存储库的副本恢复 config 文件。',
  },
  'format/index': {
    message: '索引文件已损坏[：{id}]',
    hint: '运行 sealift check 查明受影响的内容。',
  },
  'format/json': {
    message: '存储库的文件内容无法读取[：{id}]',
    hint: '运行 sealift check 查明受影响的内容。',
  },
  'format/key': {
    message: '密钥文件已损坏[：{id}]',
    hint: '请使用另一个密钥，或从存储库的副本恢复该文件。',
  },
  'format/lock': {
    message: '锁文件已损坏[：{id}]',
    hint: '运行 sealift unlock 移除失效的锁。',
  },
  'format/mac': {
    message: '加密数据被更改或已损坏[：{id}]',
    hint: '运行 sealift check --read-data 查明受影响的内容。',
  },
  'format/pack': {
    message: '数据包文件已损坏[：{id}]',
    hint: '运行 sealift check --read-data 查明受影响的内容。',
  },
  'format/snapshot': {
    message: '快照文件已损坏[：{id}]',
    hint: '请使用其他快照；sealift snapshots 会列出它们。',
  },
  'format/tree': {
    message: '目录列表（tree）已损坏[：{id}]',
    hint: '运行 sealift check --read-data 查明受影响的内容。',
  },
  'format/unexpected-hash': {
    message: '存储的数据与其名称不符[：{id}]',
    hint: '运行 sealift check --read-data 查明受影响的内容。',
  },
  interrupted: { message: '已中断', hint: '存储库保持有效；重新运行该命令即可继续。' },
  'ledger/unknown-client': {
    message: '账本中没有名为 {name} 的客户端或地址',
    hint: 'sealift clients --all 会列出已知的客户端；--since DAYS 可以查看更早的记录。',
  },
  'lock/lost': {
    message: '失去了存储库的锁',
    hint: '请重新运行该命令；保持机器唤醒和网络畅通。',
  },
  'password/empty': {
    message: '不允许使用空密码',
    hint: '请提供密码；如果存储库确实不要密码，请使用 --insecure-no-password。',
  },
  'password/missing': {
    message: '没有提供密码',
    hint: '请使用 --password-file、--password-command 或 SEALIFT_PASSWORD，或在终端中运行。',
  },
  'password/wrong': {
    message: '密码错误，或没有找到密钥',
    hint: '请检查密码，并确认位置指向您要用的存储库。',
  },
  'prune/incomplete': {
    message: '有 {count} 个不再被引用的数据包无法删除；已删除 {removed} 个',
    hint: '请再次运行同一命令，剩余的数据包届时会被删除。',
  },
  'prune/refused': {
    message: '快照所需的内容有缺失，因此未删除任何内容',
    hint: '请运行 sealift check 查明受影响的内容，然后运行 restic repair index，之后再清理。',
  },
  'repository/append-only': {
    message: '{location} 拒绝删除任何内容；所有快照和数据仍然完好',
    hint: '仅追加模式下只有保管库本身可以删除：请联系其所有者，或在保管库所在的机器上直接对仓库文件夹运行该命令。',
  },
  'repository/exists': {
    message: '该位置已经有存储库[：{location}]',
    hint: '请直接使用它，或选择其他位置。',
  },
  'repository/locked': {
    message: '存储库已被锁定[，持有者：{holder}]',
    hint: '请等待（可用 --retry-lock 10m），如果对方进程已不存在，请运行 sealift unlock。',
  },
  'repository/missing': {
    message: '没有找到存储库[：{location}]',
    hint: '请检查位置，或用 sealift init 创建存储库。',
  },
  'repository/version': {
    message: '存储库的版本是 Sealift 所不认识的[：{version}]',
    hint: '请使用更新的 Sealift。',
  },
  'restore/incomplete': {
    message: '有些文件未能完整还原',
    hint: '上面各行列出了这些文件；其余内容均已还原。',
  },
  'restore/target': {
    message: '无法写入还原目标[：{path}]',
    hint: '请选择可写且空间足够的目录。',
  },
  'snapshot/ambiguous': {
    message: '有多个快照以此 ID 开头[：{id}]',
    hint: '请给出更多位的 ID；sealift snapshots 会列出它们。',
  },
  'snapshot/blob-missing': {
    message: '存储库中缺少快照所需的数据[：{id}]',
    hint: '运行 sealift check 查明受影响的内容。',
  },
  'snapshot/empty': { message: '没有可备份的内容，因此未创建快照', hint: '请检查路径。' },
  'snapshot/not-found': {
    message: '没有这个快照[：{id}]',
    hint: 'sealift snapshots 会列出现有快照。',
  },
  'snapshot/path-not-found': {
    message: '快照中没有这个路径[：{path}]',
    hint: 'sealift ls SNAPSHOT 会显示其内容。',
  },
  'source/incomplete': {
    message: '快照已创建，但有些文件无法读取',
    hint: '上面各行列出了这些文件。',
  },
  'source/missing': { message: '给出的路径中没有可备份的内容[：{path}]', hint: '请检查路径。' },
  'source/unreadable': { message: '无法读取[：{path}]', hint: '请检查权限。' },
  'tls/handshake': {
    message: 'TLS 握手失败[：{host}]',
    hint: '请确认服务器支持 TLS 1.2 或 1.3，且双方有共同的密码套件和密钥交换组。',
  },
  'tls/plan': {
    message: '无法应用该计划[：{found}]',
    hint: 'sealift policy check FILE 会解释矛盾之处；改动日期需要 --reason。未作任何更改。',
  },
  'tls/policy': {
    message: 'TLS 策略不允许此连接[：{host}]',
    hint: '请更新 TLS 较旧的一方；策略由保管库决定。',
  },
  'tls/policy-file': {
    message: '{file} 第 {line} 行有误[：{field}]',
    hint: '请改正该行后重试；sealift policy check FILE 只读取文件而不应用。',
  },
  'tls/retired': {
    message: '服务器因 TLS 拒绝此连接[：{reason}]',
    hint: '请更新本机或其备份程序，使其支持服务器所要求的 TLS。',
  },
  'tls/untrusted': {
    message: '服务器的证书不受信任[：{host}]',
    hint: '请用 --cacert FILE 指定其颁发机构的证书。',
  },
  'usage/invalid': { message: '无法理解该命令', hint: '加上 --help 运行以查看用法。' },
  'vault/certificate': {
    message: '保管库的证书无法使用[：{path}]',
    hint: '请修正该文件，或删除它让保管库重新生成。',
  },
  'vault/config': {
    message: '保管库的配置无效[：{path}]',
    hint: '请修正所指出的行。',
  },
  'vault/data-folder': {
    message: '保管库的数据目录无法使用[：{path}]',
    hint: '请用 --data 指定一个可写的目录。',
  },
  'vault/listen': {
    message: '保管库无法在该地址监听[：{address}]',
    hint: '请用 --listen HOST:PORT 选择其他地址或端口。',
  },
  'vault/notice': {
    message: '通知未能送达[，接收方 {host}]',
    hint: '请检查 vault.yaml 的 notices 一节以及接收方的日志。',
  },
  'vault/ratchet': {
    message: '棘轮中没有此客户端的记录[：{name}]',
    hint: 'sealift vault ratchet list 会列出每个客户端已证明的版本。',
  },
  'vault/user': {
    message: '该登录名无法使用[：{name}]',
    hint: 'sealift vault user list 会列出登录名。',
  },
  'worker/failed': {
    message: '工作线程意外结束',
    hint: '请重新运行该命令；如果再次发生，请附上 --verbose 的输出进行报告。',
  },
};
