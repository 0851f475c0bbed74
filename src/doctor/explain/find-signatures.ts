/** Finds every signature in a line of text. */

import { findAlertName, weightsOfAlert } from './knowledge/alerts.ts';
import { signatures } from './knowledge/all.ts';
import type {
  AlertSignature,
  CodeSignature,
  Signature,
  TextSignature,
  Weights,
} from './knowledge/signature.ts';

export interface Hit {
  readonly signature: Signature;
  readonly weights: Weights;
  /** The registry's name, for a signature that carries an alert. */
  readonly alert: string | undefined;
  /** Where in the line it stands. */
  readonly offset: number;
}

/** The HRESULT of a Win32 error: severity 1, facility 7. */
const win32Hresult = 0x8007_0000;
/** Smaller numbers are common in logs; they count only right after a word such as "error". */
const smallestFreeNumber = 10_000;

const codeSignatures = signatures.filter((one): one is CodeSignature => one.kind === 'code');
const textSignatures = signatures.filter((one): one is TextSignature => one.kind === 'text');
const alertSignatures = signatures.filter((one): one is AlertSignature => one.kind === 'alert');

const byCode = new Map<number, CodeSignature>();
const byName = new Map<string, CodeSignature>();
for (const signature of codeSignatures) {
  byCode.set(signature.code, signature);
  if (signature.win32) byCode.set(win32Hresult + signature.code, signature);
  for (const name of signature.names) byName.set(name, signature);
}

/** Not part of a longer word, of an address (`10.0.0.1:10054`) or of a place in a source file. */
const numberToken =
  /(?<![\w.-]|[\d\]]:|localhost:|\.\w{1,8}[:(])(?:0x(?<hex>[0-9a-f]{3,8})|(?<bare>8007[0-9a-f]{4}|8009[0-9a-f]{4}|800b[0-9a-f]{4})|(?<decimal>-?\d{4,10}))(?!\w|\.\d| ?(?:bytes|files|[km]i?b|ms|seconds)\b)/gi;
const nameToken = new RegExp(`\\b(?:${[...byName.keys()].join('|')})\\b`, 'g');
/** A line in which a plain number may be an error's. */
const numberContext =
  /err|code|fail|exception|\bhr\b|hresult|winsock|wsa|socket|status|winhttp|wininet|schannel|event|\bid\b|错误|失败|代码|事件|异常/i;
const brackets = /[([]\s*$/;
const directContext = /(?:error|code|hr|hresult|错误|代码)\W{0,4}$/i;
const shortLine = 40;

/**
 * All patterns in one for each set of flags: most lines of a log match none, and asking once instead
 * of for each pattern reads a log in a third of the time.
 */
const anyPattern = unite([...alertSignatures, ...textSignatures].map(({ pattern }) => pattern));

function unite(patterns: readonly RegExp[]): RegExp[] {
  const byFlags = Map.groupBy(patterns, ({ flags }) => flags);
  return [...byFlags].map(
    ([flags, some]) => new RegExp(some.map(({ source }) => `(?:${source})`).join('|'), flags),
  );
}

/** Hits of a line, each signature at most once for each alert that it carries. */
export function findSignatures(line: string): Hit[] {
  const hits = new Map<string, Hit>();
  const add = (signature: Signature, offset: number, alert?: string): void => {
    const key = keyOf(signature, alert);
    if (hits.has(key)) return;
    const weights =
      signature.kind === 'alert' ? weightsOfAlert(alert ?? '', signature) : signature.suggests;
    hits.set(key, { signature, weights, alert, offset });
  };
  for (const match of line.matchAll(numberToken)) {
    const signature = signatureOfNumber(line, match);
    if (signature !== undefined) add(signature, match.index);
  }
  for (const match of line.matchAll(nameToken)) {
    const signature = byName.get(match[0]);
    if (signature !== undefined) add(signature, match.index);
  }
  if (!anyPattern.some((pattern) => pattern.test(line))) return [...hits.values()];
  for (const signature of alertSignatures) {
    const match = signature.pattern.exec(line);
    const alert = match?.[1] === undefined ? undefined : findAlertName(match[1]);
    if (match !== null && alert !== undefined) add(signature, match.index, alert);
  }
  for (const signature of textSignatures) {
    const match = signature.pattern.exec(line);
    if (match !== null) add(signature, match.index);
  }
  return [...hits.values()];
}

/** A signature with its alert: what is counted as the same sight. */
export function keyOf(signature: Signature, alert: string | undefined): string {
  return alert === undefined ? signature.id : `${signature.id} ${alert}`;
}

function signatureOfNumber(line: string, match: RegExpExecArray): CodeSignature | undefined {
  const { hex, bare, decimal } = match.groups ?? {};
  if (hex !== undefined) return byCode.get(Number.parseInt(hex, 16));
  if (bare !== undefined) return byCode.get(Number.parseInt(bare, 16));
  if (decimal === undefined) return undefined;
  // A negative number is the same 32 bits, read as signed.
  const value = Number(decimal);
  const signature = byCode.get(value < 0 ? value + 2 ** 32 : value);
  if (signature === undefined || value < 0 || value > 0xffff_fff) return signature;
  return isErrorNumber(line, match.index, value) ? signature : undefined;
}

/** Plain numbers also count bytes and name processes: the words around them must speak of an error. */
function isErrorNumber(line: string, offset: number, value: number): boolean {
  const trimmed = line.trim();
  if (trimmed === String(value)) return true;
  if (value < smallestFreeNumber) return directContext.test(line.slice(0, offset));
  if (trimmed.length <= shortLine || numberContext.test(line)) return true;
  return brackets.test(line.slice(0, offset));
}
