/**
 * The Azure Backup agent (MARS) and its services: errors of its console and logs, and what the
 * Service Control Manager writes when the agent's services do not stop or start as usual.
 */

import { codes, texts, weightsOf } from './signature.ts';

const origin = { source: 'mars', platform: 'azure-backup', prefix: 'mars' } as const;
const services = { source: 'kb4022913', platform: 'azure-backup', prefix: 'service' } as const;

/** With TLS 1.0 off at this machine or at the service, .NET programs hang while they connect. */
const hangs = {
  'dotnet-old-default': 0.5,
  'client-too-old': 0.45,
  'local-versions-disabled': 0.35,
  'service-trouble': 0.4,
} as const;

/** Any service may be late; the reason lies near TLS only for some of them. */
const anyServiceHangs = {
  'service-trouble': 0.5,
  'dotnet-old-default': 0.35,
  'client-too-old': 0.3,
  'local-versions-disabled': 0.25,
} as const;

const agent =
  '(?:obengine|CBEngine|Azure Recovery Services|OBRecoveryServicesManagementAgent|MSDPM|DPMRA|DPMCPWrapperService|Azure Backup)';

export const marsSignatures = [
  ...codes(origin, [
    [100_050, 'connection-failed', { 'client-too-old': 0.45, proxy: 0.42, 'port-filtered': 0.35 }],
    [34_513, 'credentials', { 'vault-credentials': 0.6, proxy: 0.3, 'port-filtered': 0.25 }],
  ]),
  ...texts(origin, [
    [
      'unable-to-connect',
      /unable to connect to Microsoft Azure Backup|unable to connect to the (?:Microsoft )?Azure (?:Backup|Recovery Services)|cannot connect to the (?:OBS|Online Backup) service/i,
      'connection-failed',
      { 'client-too-old': 0.45, proxy: 0.42, 'port-filtered': 0.35 },
    ],
    [
      'proxy-407',
      /\(407\)\s*Proxy Authentication|Proxy Authentication Required|需要代理身份验证/i,
      'proxy',
      { proxy: 0.95, 'client-too-old': -0.6 },
    ],
    [
      'vault-credentials',
      /invalid vault credentials|vault credential(?:s)? (?:file )?(?:is|are|has|have) (?:invalid|expired)|保管库凭据无效/i,
      'credentials',
      { 'vault-credentials': 0.85 },
    ],
    [
      'service-stopped-unexpectedly',
      new RegExp(`${agent}[^\\r\\n]{0,80}(?:service )?terminated (?:unexpectedly|with)`, 'i'),
      'service-hangs',
      hangs,
    ],
    [
      'upload-cut',
      /(?:upload|transfer|data transfer)[^\r\n]{0,80}(?:interrupted|was cut|connection (?:was )?lost)/i,
      'transfer-cut',
      { 'transfer-cut': 0.6, 'client-too-old': -0.4 },
    ],
  ]),
  ...texts(services, [
    [
      'did-not-respond',
      /service did not respond to the start or control request in a timely fashion|服务没有及时响应启动或控制请求/i,
      'service-hangs',
      anyServiceHangs,
    ],
    [
      'timeout-waiting',
      new RegExp(
        `timeout \\(\\d+ milliseconds\\) was reached while waiting for (?:the|a transaction response from the) [^\\r\\n]{0,60}${agent}`,
        'i',
      ),
      'service-hangs',
      hangs,
    ],
    [
      'failed-to-start-or-stop',
      new RegExp(
        `${agent}[^\\r\\n]{0,60}(?:fail(?:s|ed)? to (?:start|stop)|could not be (?:started|stopped)|hung on starting|STOP_PENDING|START_PENDING|(?:does not|doesn't|will not|won't|cannot|can't) (?:start|stop)|无法(?:启动|停止))`,
        'i',
      ),
      'service-hangs',
      hangs,
    ],
    [
      'windows-could-not',
      new RegExp(`Windows could not (?:start|stop) the [^\\r\\n]{0,60}${agent}`, 'i'),
      'service-hangs',
      hangs,
    ],
    [
      'do-not-stop-or-start',
      /services?\b[^\r\n]{0,30}(?:\bnot\b|n['’]?t\b)[^\r\n]{0,12}\b(?:stop or start|start or stop|stop and start|start and stop)|服务(?:无法|不能|没有|不)(?:按预期|正常)?(?:停止或启动|启动或停止|停止和启动)/i,
      'service-hangs',
      hangs,
    ],
    [
      'backup-and-restore-fail',
      /\bback-?ups?(?: ?(?:and|or|\/) ?)restores?\b[^\r\n]{0,40}\b(?:fail|do(?:es)? not work)|备份[和与]?(?:还原|恢复)(?:操作)?[^\r\n]{0,6}失败/i,
      'connection-failed',
      { 'client-too-old': 0.4, proxy: 0.2, 'port-filtered': 0.2 },
    ],
  ]),
  ...codes(
    { ...services, source: 'services', platform: 'windows', prefix: 'service', win32: true },
    [
      [1053, 'service-hangs', anyServiceHangs, 'ERROR_SERVICE_REQUEST_TIMEOUT'],
      [1061, 'service-hangs', anyServiceHangs, 'ERROR_SERVICE_CANNOT_ACCEPT_CTRL'],
    ],
  ),
];

/** Numbers that lead elsewhere when they stand in a MARS log: out of time, or no reply. */
export const marsTimeouts = codes(
  { source: 'services', platform: 'azure-backup', prefix: 'win32', win32: true },
  [[1460, 'timeout', weightsOf.timeout, 'ERROR_TIMEOUT']],
);
