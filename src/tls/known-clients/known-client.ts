/** What is known of a named client, and how an offer is put together from a vendor's documents. */

import { findCipherSuiteByName } from '../cipher-suites.ts';
import { extensionCode } from '../extensions.ts';
import type { Offer } from '../offer.ts';
import { makeOffer } from '../offer.ts';

export type ClientFamily =
  | 'windows'
  | 'dotnet'
  | 'java'
  | 'openssl'
  | 'gnutls'
  | 'go'
  | 'restic'
  | 'curl'
  | 'node'
  | 'python';

export interface KnownClient {
  /** As the command line names it: `windows-7`. */
  readonly id: string;
  readonly name: string;
  readonly family: ClientFamily;
  readonly source: string;
  /** `measured`: its own hello was captured; `documented`: put together from published tables. */
  readonly evidence: 'measured' | 'documented';
  readonly offer: Offer;
}

/**
 * An offer from published fields. The list of extensions is what the fields imply, in the order of
 * their numbers: a documented client has no fingerprint that it would be recognized by.
 */
export function documentedOffer(fields: Partial<Offer>): Offer {
  const offer = makeOffer(fields);
  if (offer.form === 'sslv2') return offer;
  const present: readonly (readonly [number, boolean])[] = [
    [extensionCode.server_name, offer.serverName !== undefined],
    [extensionCode.supported_groups, offer.groups !== undefined],
    [extensionCode.ec_point_formats, offer.pointFormats !== undefined],
    [extensionCode.signature_algorithms, offer.signatureSchemes !== undefined],
    [extensionCode.extended_master_secret, offer.extendedMasterSecret],
    [extensionCode.session_ticket, offer.sessionTicket !== 'absent'],
    [extensionCode.supported_versions, offer.versions !== undefined],
    [extensionCode.psk_key_exchange_modes, offer.pskModes !== undefined],
    [extensionCode.key_share, offer.keyShares !== undefined],
  ];
  const extensions = present.flatMap(([type, isThere]) => (isThere ? [type] : []));
  return { ...offer, extensions: extensions.length === 0 ? undefined : extensions };
}

/** The host that documented clients that send a name ask for. */
export const exampleServerName = 'vault.example';

/**
 * Codes of suites in a text, by IANA's or OpenSSL's names with white space between them.
 * @throws RangeError for a name that is in no registry
 */
export function suiteCodes(names: string): number[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => {
      const suite = findCipherSuiteByName(name);
      if (suite === undefined) throw new RangeError(`${name} is not a cipher suite`);
      return suite.code;
    });
}
