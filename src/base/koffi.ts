/** The C library, through koffi. It is optional: without it, what needs it is done otherwise or not at all. */

import { createRequire } from 'node:module';

/** The part of koffi that is used here; its own types need a cast at every call. */
export interface Koffi {
  load(path: string | null): NativeLibrary;
  errno(): number;
  readonly os: { readonly errno: Readonly<Record<string, number>> };
}

export interface NativeLibrary {
  func(declaration: string): (...values: unknown[]) => number | bigint;
}

/** @throws when koffi is not installed, or not for this system */
export function loadKoffi(): Koffi {
  return createRequire(import.meta.url)('koffi');
}
