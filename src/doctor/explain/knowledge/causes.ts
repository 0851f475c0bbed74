/**
 * What can be wrong when a connection fails. A cause is told in texts/ (title, meaning, the check that
 * separates it from the others, the fix on each platform); here stands only which causes there are.
 */

/** Where a fix is made. `server` is the other end, whoever runs it; `any` holds everywhere. */
export const platforms = [
  'any',
  'windows',
  'dotnet',
  'java',
  'openssl',
  'node',
  'azure-backup',
  'server',
] as const;
export type Platform = (typeof platforms)[number];

/** How far the connection got when this cause stops it, earliest first. */
export type Stage = 'network' | 'versions' | 'suites' | 'certificate' | 'transfer' | 'local';

interface CauseEntry {
  readonly stage: Stage;
  /** Platforms that the texts give a fix for, in the order in which they are printed. */
  readonly fixes: readonly Platform[];
}

export const causeTable = {
  'client-too-old': {
    stage: 'versions',
    fixes: ['windows', 'dotnet', 'azure-backup', 'java', 'openssl', 'node'],
  },
  'dotnet-old-default': { stage: 'versions', fixes: ['dotnet', 'azure-backup'] },
  'local-versions-disabled': {
    stage: 'versions',
    fixes: ['windows', 'dotnet', 'java', 'openssl', 'node'],
  },
  'server-too-old': { stage: 'versions', fixes: ['server', 'any'] },
  'version-fallback': { stage: 'versions', fixes: ['any'] },
  'no-common-suite': { stage: 'suites', fixes: ['windows', 'java', 'openssl', 'server'] },
  'weak-dh': { stage: 'suites', fixes: ['server', 'openssl'] },
  'old-renegotiation': { stage: 'suites', fixes: ['server', 'openssl'] },
  'alpn-mismatch': { stage: 'suites', fixes: ['any'] },
  'something-between': { stage: 'network', fixes: ['any', 'azure-backup'] },
  'tls-inspection': { stage: 'certificate', fixes: ['any', 'azure-backup'] },
  'clock-wrong': { stage: 'certificate', fixes: ['windows', 'any'] },
  'certificate-expired': { stage: 'certificate', fixes: ['server'] },
  'untrusted-root': {
    stage: 'certificate',
    fixes: ['windows', 'java', 'openssl', 'node', 'azure-backup'],
  },
  'incomplete-chain': { stage: 'certificate', fixes: ['server'] },
  'name-mismatch': { stage: 'certificate', fixes: ['any', 'server'] },
  'unknown-server-name': { stage: 'versions', fixes: ['any', 'server'] },
  'certificate-revoked': { stage: 'certificate', fixes: ['server'] },
  'revocation-unreachable': { stage: 'certificate', fixes: ['any', 'azure-backup'] },
  'weak-certificate': { stage: 'certificate', fixes: ['server', 'windows'] },
  'certificate-usage': { stage: 'certificate', fixes: ['server'] },
  'client-certificate-needed': { stage: 'certificate', fixes: ['any'] },
  'client-certificate-rejected': { stage: 'certificate', fixes: ['any'] },
  'client-key-unusable': { stage: 'certificate', fixes: ['windows', 'any'] },
  'access-denied': { stage: 'certificate', fixes: ['any', 'server'] },
  'not-tls': { stage: 'network', fixes: ['any'] },
  'transfer-cut': { stage: 'transfer', fixes: ['any'] },
  'corrupted-traffic': { stage: 'transfer', fixes: ['any'] },
  'local-software': { stage: 'local', fixes: ['any'] },
  'name-not-resolved': { stage: 'network', fixes: ['any'] },
  'port-closed': { stage: 'network', fixes: ['any'] },
  'port-filtered': { stage: 'network', fixes: ['any', 'azure-backup'] },
  'no-route': { stage: 'network', fixes: ['any'] },
  proxy: { stage: 'network', fixes: ['any', 'windows', 'azure-backup'] },
  'server-trouble': { stage: 'transfer', fixes: ['any', 'server'] },
  'vault-credentials': { stage: 'local', fixes: ['azure-backup'] },
  'service-trouble': { stage: 'local', fixes: ['windows'] },
} as const satisfies Readonly<Record<string, CauseEntry>>;

export type CauseId = keyof typeof causeTable;

export const causeIds = Object.keys(causeTable) as readonly CauseId[];

/** Stages whose errors are told only after the versions were agreed on. */
export function isAfterVersions(cause: CauseId): boolean {
  const { stage } = causeTable[cause];
  return stage === 'certificate' || stage === 'transfer';
}
