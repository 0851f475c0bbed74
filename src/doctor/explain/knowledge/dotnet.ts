/** .NET Framework, .NET and PowerShell, in the languages that Windows words them in: English and Chinese. */

import { texts, weightsOf } from './signature.ts';

const origin = { source: 'dotnet', platform: 'dotnet', prefix: 'dotnet' } as const;

export const dotnetSignatures = texts(origin, [
  [
    'secure-channel',
    /could not create SSL\/TLS secure channel|SecureChannelFailure|未能创建 ?SSL\/TLS ?安全通道/i,
    'dotnet-channel',
    {
      'dotnet-old-default': 0.55,
      'client-too-old': 0.42,
      'no-common-suite': 0.35,
      'local-versions-disabled': 0.3,
    },
  ],
  [
    'closed-on-send',
    /underlying connection was closed: An unexpected error occurred on a (?:send|receive)|基础连接已经关闭: ?(?:发送|接收)时发生(?:错误|意外错误)/i,
    'closed-in-handshake',
    { 'dotnet-old-default': 0.55, ...weightsOf.closedInHandshake, 'client-too-old': 0.5 },
  ],
  [
    'connection-closed',
    /underlying connection was closed: The connection was closed unexpectedly|基础连接已经关闭: ?连接(?:被)?意外(?:被)?关闭/i,
    'closed-in-handshake',
    { 'dotnet-old-default': 0.45, ...weightsOf.closedInHandshake, 'client-too-old': 0.42 },
  ],
  [
    'trust-relationship',
    /could not establish trust relationship for the SSL\/TLS secure channel|TrustFailure\b|未能为 ?SSL\/TLS ?安全通道建立信任关系/i,
    'certificate-bad',
    weightsOf.badCertificate,
  ],
  [
    'remote-certificate-invalid',
    /remote certificate (?:is invalid according to the validation procedure|was rejected by the provided)|RemoteCertificate(?:ChainErrors|NameMismatch|NotAvailable)|根据验证过程，远程证书无效/i,
    'certificate-bad',
    weightsOf.badCertificate,
  ],
  [
    'chain-name',
    /RemoteCertificateNameMismatch/,
    'certificate-name',
    { ...weightsOf.name, 'untrusted-root': -0.5 },
  ],
  [
    'chain-status',
    /\b(?:UntrustedRoot|PartialChain)\b/,
    'certificate-untrusted',
    weightsOf.untrusted,
  ],
  ['chain-time', /\bNotTimeValid\b/, 'certificate-expired', weightsOf.dates],
  [
    'chain-revocation',
    /\b(?:RevocationStatusUnknown|OfflineRevocation)\b/,
    'revocation',
    weightsOf.revocation,
  ],
  [
    'transport-closed',
    /Authentication failed because the remote party (?:has closed the transport stream|sent a TLS alert)|Received an unexpected EOF or 0 bytes from the transport stream|身份验证失败，因为远程方已关闭传输流/i,
    'closed-in-handshake',
    { 'dotnet-old-default': 0.5, ...weightsOf.closedInHandshake, 'client-too-old': 0.48 },
  ],
  [
    'sspi',
    /A call to SSPI failed, see inner exception|调用 SSPI 失败/i,
    'handshake-failed',
    { 'dotnet-old-default': 0.35, 'client-too-old': 0.3, 'no-common-suite': 0.3 },
  ],
  [
    'frame',
    /Cannot determine the frame size or a corrupted frame was received|handshake failed due to an unexpected packet format|由于意外的(?:数据)?包格式，握手失败/i,
    'not-tls',
    weightsOf.notTls,
  ],
  [
    'protocol-type',
    /requested security protocol is not supported|请求的安全协议不受支持/i,
    'no-local-version',
    { 'dotnet-old-default': 0.7, 'local-versions-disabled': 0.4 },
  ],
  [
    'security-protocol',
    /SecurityProtocol\W{1,6}(?:Ssl3|Ssl3, ?Tls|Tls)\s*(?:[;"')]|$)/,
    'old-version-asked',
    { 'dotnet-old-default': 0.85 },
  ],
]);
