/** Java's version numbers, old (`1.8.0_442`) and new (`17.0.15`). */

import { parseProperties } from './properties.ts';

export interface JavaVersion {
  /** 8 for 1.8.0. */
  readonly major: number;
  /** 442 of 1.8.0_442, 15 of 17.0.15. */
  readonly update: number;
}

/** From `1.8.0_442-b06`, `8u442`, `17.0.15+6-Debian`, `openjdk version "21.0.8"`; undefined for other text. */
export function parseJavaVersion(text: string): JavaVersion | undefined {
  const old =
    /(?:^|[^\d.])1\.([5-8])\.\d+(?:_(\d+))?/.exec(text) ?? /(?:^|\D)([5-8])u(\d+)/.exec(text);
  if (old !== null) return { major: Number(old[1]), update: Number(old[2] ?? 0) };
  const modern = /(?:^|[^\d.])(\d{1,3})(?:\.(\d+))?(?:\.(\d+))?(?![\d_])/.exec(text);
  if (modern === null) return undefined;
  return { major: Number(modern[1]), update: Number(modern[3] ?? 0) };
}

/** Of a Java home's `release` file. */
export function readReleaseFile(text: string): {
  readonly version: string | undefined;
  readonly vendor: string | undefined;
} {
  const values = new Map(
    parseProperties(text).map(({ key, value }) => [key, value.replace(/^"|"$/g, '')]),
  );
  return {
    version: values.get('JAVA_RUNTIME_VERSION') ?? values.get('JAVA_VERSION'),
    vendor: values.get('IMPLEMENTOR'),
  };
}
