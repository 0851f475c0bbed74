/** What `sealift negotiate` says: the two sides, the steps, the outcome; as text and as JSON. */

import { getAlert } from '../tls/alerts.ts';
import { cipherSuiteName } from '../tls/cipher-suites.ts';
import { groupName } from '../tls/groups.ts';
import type { Negotiation } from '../tls/negotiate.ts';
import { reasonText } from '../tls/reasons.ts';
import { signatureSchemeName } from '../tls/signature-schemes.ts';
import { findVersion, formatCode } from '../tls/versions.ts';
import type { Language } from './language.ts';
import type { Say } from './texts/texts.ts';

/** The answer of one line of a batch. Names are the registries'; `group` is null where none is negotiated. */
export type NegotiateAnswer =
  | {
      readonly version: string;
      readonly cipher: string;
      readonly group: string | null;
      readonly helloRetryRequest: boolean;
      readonly postQuantum: boolean;
      readonly certificate: string;
      readonly signatureScheme: string | null;
      readonly why: readonly string[];
    }
  | {
      readonly alert: string;
      readonly insufficientSecurity: boolean;
      readonly why: readonly string[];
    };

export function negotiateAnswer(result: Negotiation, language: Language): NegotiateAnswer {
  const why = result.why.map((reason) => reasonText(reason, language));
  if (result.kind === 'refused') {
    return { alert: result.alert, insufficientSecurity: result.insufficientSecurity, why };
  }
  return {
    version: findVersion(result.version)?.node ?? formatCode(result.version),
    cipher: cipherSuiteName(result.cipherSuite),
    group: result.group === undefined ? null : groupName(result.group),
    helloRetryRequest: result.helloRetryRequest,
    postQuantum: result.postQuantum,
    certificate: result.certificateType,
    signatureScheme:
      result.signatureScheme === undefined ? null : signatureSchemeName(result.signatureScheme),
    why,
  };
}

/** The steps with numbers, then the outcome. */
export function negotiateLines(
  result: Negotiation,
  { say, language }: { readonly say: Say; readonly language: Language },
): string[] {
  const steps = result.why.map((reason, index) => `${index + 1}. ${reasonText(reason, language)}`);
  return [...steps, outcomeLine(result, say)];
}

function outcomeLine(result: Negotiation, say: Say): string {
  if (result.kind === 'refused') {
    const { name, code } = getAlert(result.alert);
    return say('negotiate.refused', { alert: name, code });
  }
  const quantum = say(result.postQuantum ? 'tls.postQuantum' : 'tls.notPostQuantum');
  const values = {
    version: findVersion(result.version)?.name ?? formatCode(result.version),
    cipher: cipherSuiteName(result.cipherSuite),
    quantum,
  };
  if (result.group === undefined) return say('negotiate.agreedWithoutGroup', values);
  const key = result.helloRetryRequest ? 'negotiate.agreedByRetry' : 'negotiate.agreed';
  return say(key, { ...values, group: groupName(result.group) });
}
