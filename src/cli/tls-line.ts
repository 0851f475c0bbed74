/** The negotiated TLS as a sentence and as JSON. */

import type { TlsSession } from '../storage/backend.ts';
import type { Say } from './texts/texts.ts';

/** `TLS: TLSv1.3, TLS_AES_256_GCM_SHA384, key exchange X25519MLKEM768 (post-quantum)`. */
export function describeTls(say: Say, session: TlsSession): string {
  const { version, cipher, group, postQuantum } = session;
  const quantum = say(postQuantum ? 'tls.postQuantum' : 'tls.notPostQuantum');
  return say('tls.line', { version, cipher, group, quantum });
}

/** `{tls: {version, cipher, group, postQuantum}}`, or nothing where no TLS was used. */
export function tlsField(session: TlsSession | undefined): { tls?: unknown } {
  if (session === undefined) return {};
  const { version, cipher, group, postQuantum } = session;
  return { tls: { version, cipher, group: group ?? null, postQuantum } };
}
