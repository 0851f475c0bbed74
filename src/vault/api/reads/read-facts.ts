/** What the main thread tells the reading one with each question: all that is not in the database. */

import type { CertificateType } from '../../../tls/certificate-types.ts';

export interface ReadFacts {
  readonly nowMs: number;
  /** The plan in force as YAML; it may differ from a file that is wrong. */
  readonly planText: string;
  /** Of the data folder, as it stands; undefined without one. */
  readonly planFile: string | undefined;
  readonly certificates: readonly CertificateType[] | undefined;
  /** As measured last; undefined before the first time. */
  readonly storage: { readonly usedBytes: number; readonly freeBytes: number } | undefined;
  /** Of the same measurement and what came since, by the first folder of the repositories. */
  readonly usedByOwner: ReadonlyMap<string, number>;
  /** Of vault.yaml. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
}
