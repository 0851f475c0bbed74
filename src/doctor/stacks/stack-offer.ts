/** What a TLS stack would send, as its configuration has it; the rules are in the files beside this one. */

import type { Offer } from '../../tls/offer.ts';
import type { TlsVersion } from '../../tls/versions.ts';

export type StackOffer =
  | {
      readonly kind: 'offer';
      /** Oldest first: exact, where a hello without supported_versions shows only the newest. */
      readonly versions: readonly TlsVersion[];
      readonly offer: Offer;
    }
  /** Nothing is left to offer: the stack reports an error without sending a hello. */
  | { readonly kind: 'nothing'; readonly why: 'no-version' | 'no-suite' }
  | { readonly kind: 'unknown'; readonly missing: 'version' | 'release' };
