/**
 * The build information of a Go program: the compiler's version and the main module's.
 * Format: debug/buildinfo of Go 1.18 and later (two length-prefixed texts behind a 32-byte header).
 * Older programs hold addresses in place of the texts; those are not followed.
 *
 * | offset | size | field |
 * | --- | --- | --- |
 * | 0 | 14 | `\xff Go buildinf:` |
 * | 14 | 1 | size of a pointer |
 * | 15 | 1 | flags: 2 = texts follow the header |
 * | 32 | | varint length and text of the version, then of the module list |
 */

export interface GoBuildInfo {
  /** `go1.22.1` */
  readonly go: string;
  /** `github.com/restic/restic` */
  readonly module: string | undefined;
  /** `v0.17.3`; `(devel)` for a build from a checkout. */
  readonly version: string | undefined;
  /** The `go` line of the main module decides defaults of TLS through GODEBUG. */
  readonly debug: string | undefined;
}

export const goBuildInfoMagic = '\xff Go buildinf:';
const headerSize = 32;
const flagsOffset = 15;
const inlineFlag = 2;
const maxTextSize = 256 * 1024;
/** The module list stands between marks of this size. */
const sentinelSize = 16;

/** @param bytes from the magic on */
export function parseGoBuildInfo(bytes: Uint8Array): GoBuildInfo | undefined {
  if (bytes.length < headerSize || ((bytes[flagsOffset] ?? 0) & inlineFlag) === 0) return undefined;
  const go = readText(bytes, headerSize);
  if (go === undefined || !go.text.startsWith('go')) return undefined;
  const list = readText(bytes, go.end)?.text.slice(sentinelSize) ?? '';
  const [, main, version] = /^mod\t([^\t\n]+)\t([^\t\n]+)/m.exec(list) ?? [];
  // A distribution's build may name its main package alone.
  const module = main ?? /^path\t([^\t\n]+)/m.exec(list)?.[1];
  const debug = /^build\tDefaultGODEBUG=(.*)$/m.exec(list)?.[1];
  return { go: go.text, module, version, debug };
}

function readText(
  bytes: Uint8Array,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  let size = 0;
  let at = start;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    at += 1;
    size += (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
  }
  if (size > maxTextSize || at + size > bytes.length) return undefined;
  return { text: Buffer.from(bytes.subarray(at, at + size)).toString('utf8'), end: at + size };
}
