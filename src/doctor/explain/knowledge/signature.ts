/**
 * A signature: how a failure shows in text, what that says, and which causes it speaks for.
 *
 * A weight is how far one sight of it alone supports a cause: 0.95 is proof, 0.5 the first suspect,
 * 0.2 a reminder. A negative weight speaks against: -0.7 leaves three tenths of what others say.
 */

import type { CauseId, Platform } from './causes.ts';
import type { SourceId } from './sources.ts';

/**
 * The statement that a signature makes, of which texts/ has the words. Two signatures with the same
 * reading are the same evidence twice (`10054` and "forcibly closed"), and count once.
 */
export const readings = [
  'aborted-locally',
  'access-denied',
  'alert-received',
  'alert-sent',
  'alert-at-server',
  'alpn',
  'certificate-bad',
  'certificate-expired',
  'certificate-name',
  'certificate-not-yet-valid',
  'certificate-revoked',
  'certificate-self-signed',
  'certificate-untrusted',
  'certificate-usage',
  'certificate-weak',
  'clock',
  'client-certificate',
  'client-key',
  'client-offers-old',
  'closed-in-handshake',
  'connection-failed',
  'credentials',
  'dh-small',
  'dotnet-channel',
  'handshake-failed',
  'incomplete-chain',
  'internal-error',
  'name-not-resolved',
  'no-common-algorithm',
  'no-local-version',
  'no-shared-suite',
  'not-tls',
  'no-credential',
  'old-version-asked',
  'proxy',
  'record-damaged',
  'refused',
  'renegotiation',
  'reset',
  'revocation',
  'security-error',
  'server-version-refused',
  'service-hangs',
  'timeout',
  'transfer-cut',
  'unreachable',
] as const;
export type Reading = (typeof readings)[number];

export type Weights = Readonly<Partial<Record<CauseId, number>>>;

export interface Common {
  /** `winsock/10054`; unique. */
  readonly id: string;
  readonly reading: Reading;
  readonly suggests: Weights;
  readonly source: SourceId;
  /** Who wrote the message, so that the fix for it comes first. */
  readonly platform: Platform;
}

/** A number in any of its spellings: 10054, 0x2746, 0x80072746, -2147014842, 80072746. */
export interface CodeSignature extends Common {
  readonly kind: 'code';
  readonly code: number;
  /** Also as a HRESULT of facility 7 (0x80070000 + code). */
  readonly win32: boolean;
  /** Its names in headers, matched as whole words. */
  readonly names: readonly string[];
}

/** Words of a message. */
export interface TextSignature extends Common {
  readonly kind: 'text';
  /** Without the flags g and y. */
  readonly pattern: RegExp;
}

/** A message that carries a TLS alert: its first group is the number or the name. */
export interface AlertSignature extends Omit<Common, 'suggests'> {
  readonly kind: 'alert';
  readonly pattern: RegExp;
  readonly side: AlertSide;
  /** The writer always offers TLS 1.2 or more: a refusal for the version says that the server is old. */
  readonly modern: boolean;
}

/** Who complained: the other side, this side, or a client at the server whose log this is. */
export type AlertSide = 'received' | 'sent' | 'at-server';

export type Signature = CodeSignature | TextSignature | AlertSignature;

interface Origin {
  readonly source: SourceId;
  readonly platform: Platform;
  /** First part of the ids. */
  readonly prefix: string;
}

type CodeRow = readonly [
  code: number,
  reading: Reading,
  suggests: Weights,
  ...names: readonly string[],
];

/** A table of numbers with the same origin. */
export function codes(
  { prefix, win32 = false, ...origin }: Origin & { readonly win32?: boolean },
  rows: readonly CodeRow[],
): CodeSignature[] {
  return rows.map(([code, reading, suggests, ...names]) => ({
    kind: 'code',
    id: `${prefix}/${code > 0xffff ? `0x${code.toString(16).toUpperCase()}` : code}`,
    ...{ code, win32, names, reading, suggests, ...origin },
  }));
}

type TextRow = readonly [name: string, pattern: RegExp, reading: Reading, suggests: Weights];

/** A table of messages with the same origin. */
export function texts({ prefix, ...origin }: Origin, rows: readonly TextRow[]): TextSignature[] {
  return rows.map(([name, pattern, reading, suggests]) => ({
    kind: 'text',
    id: `${prefix}/${name}`,
    ...{ pattern, reading, suggests, ...origin },
  }));
}

type AlertRow = readonly [name: string, pattern: RegExp, side: AlertSide, modern?: 'modern'];

/** A table of messages that carry an alert. */
export function alerts({ prefix, ...origin }: Origin, rows: readonly AlertRow[]): AlertSignature[] {
  return rows.map(([name, pattern, side, modern]) => ({
    kind: 'alert',
    id: `${prefix}/${name}`,
    reading: `alert-${side}`,
    ...{ pattern, side, modern: modern !== undefined, ...origin },
  }));
}

/**
 * Weights that several stacks share, since they say the same thing in their own words. A complaint
 * about a certificate also shows that versions and suites were agreed on before.
 */
const afterVersions = { 'client-too-old': -0.8, 'no-common-suite': -0.8 } as const;

export const weightsOf = {
  reset: {
    'client-too-old': 0.5,
    'something-between': 0.35,
    'transfer-cut': 0.28,
    'no-common-suite': 0.22,
    'unknown-server-name': 0.1,
  },
  closedInHandshake: {
    'client-too-old': 0.55,
    'something-between': 0.3,
    'no-common-suite': 0.28,
    'unknown-server-name': 0.15,
  },
  expired: { 'certificate-expired': 0.7, 'clock-wrong': 0.45, ...afterVersions },
  dates: { 'certificate-expired': 0.6, 'clock-wrong': 0.5, ...afterVersions },
  notYetValid: { 'clock-wrong': 0.9, 'untrusted-root': -0.4, ...afterVersions },
  untrusted: {
    'untrusted-root': 0.65,
    'tls-inspection': 0.4,
    'incomplete-chain': 0.3,
    'clock-wrong': 0.05,
    ...afterVersions,
  },
  selfSigned: { 'untrusted-root': 0.6, 'tls-inspection': 0.45, ...afterVersions },
  name: { 'name-mismatch': 0.85, 'tls-inspection': 0.15, ...afterVersions },
  revoked: { 'certificate-revoked': 0.95, ...afterVersions },
  revocation: { 'revocation-unreachable': 0.9, ...afterVersions },
  usage: { 'certificate-usage': 0.9, ...afterVersions },
  weakCertificate: { 'weak-certificate': 0.9, ...afterVersions },
  badCertificate: {
    'untrusted-root': 0.45,
    'certificate-expired': 0.3,
    'name-mismatch': 0.3,
    'clock-wrong': 0.25,
    'tls-inspection': 0.25,
    ...afterVersions,
  },
  notTls: { 'not-tls': 0.9, proxy: 0.25, 'something-between': 0.15 },
  timeout: { 'port-filtered': 0.7, proxy: 0.3, 'no-route': 0.2 },
  refused: { 'port-closed': 0.9 },
  unreachable: { 'no-route': 0.9 },
  dns: { 'name-not-resolved': 0.95 },
  noLocalVersion: { 'local-versions-disabled': 0.92 },
  serverTooOld: { 'server-too-old': 0.92 },
  noSuite: { 'no-common-suite': 0.9 },
  smallDh: { 'weak-dh': 0.95 },
  renegotiation: { 'old-renegotiation': 0.95 },
} as const satisfies Readonly<Record<string, Weights>>;
