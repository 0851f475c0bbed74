/** A connection of a door as one document, for `--json` and for a line of text. */

import type { ConnectionRecord } from '../../door/connection.ts';
import { cipherSuiteName } from '../../tls/cipher-suites.ts';
import { groupName } from '../../tls/groups.ts';
import { bestVersion } from '../../tls/offer.ts';
import { signatureSchemeName } from '../../tls/signature-schemes.ts';
import { versionName } from '../../tls/versions.ts';

/** What is not known is null, so that every line has the same fields. */
export function connectionDocument(record: ConnectionRecord): Readonly<Record<string, unknown>> {
  const { offer, negotiated, verdict } = record;
  const best = offer && bestVersion(offer);
  return {
    message_type: 'connection',
    listener: record.listener,
    started: new Date(record.startedMs).toISOString(),
    duration_ms: record.endedMs - record.startedMs,
    address: record.address,
    client: record.client?.name ?? null,
    fingerprint: record.fingerprint ?? null,
    server_name: offer?.serverName ?? null,
    offered: named(best, versionName),
    outcome: record.outcome,
    reason: record.reason ?? null,
    alert: record.alert ?? null,
    path: verdict === undefined || verdict.kind === 'refuse' ? null : verdict.path,
    version: named(negotiated?.version, versionName),
    cipher: named(negotiated?.cipherSuite, cipherSuiteName),
    group: named(negotiated?.group, groupName),
    signature_scheme: named(negotiated?.signatureScheme, signatureSchemeName),
    alpn: negotiated?.alpn ?? null,
    resumed: negotiated?.resumed ?? null,
    handshake_ms: record.handshakeMs ?? null,
    bytes_read: record.bytesRead,
    bytes_written: record.bytesWritten,
  };
}

/** `192.0.2.1 refused: retired/tls1.0 (offers at most TLS 1.0, JA4 t10…)`. */
export function connectionText(record: ConnectionRecord): string {
  const { offer, negotiated, fingerprint } = record;
  const best = offer && bestVersion(offer);
  const parts = [
    ...(negotiated === undefined ? [] : [versionName(negotiated.version)]),
    ...(negotiated?.cipherSuite === undefined ? [] : [cipherSuiteName(negotiated.cipherSuite)]),
    ...(negotiated?.group === undefined ? [] : [groupName(negotiated.group)]),
    ...(negotiated === undefined && best !== undefined ? [`<= ${versionName(best)}`] : []),
    ...(fingerprint === undefined ? [] : [`JA4 ${fingerprint}`]),
  ];
  const reason = record.reason === undefined ? '' : `: ${record.reason}`;
  const detail = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `${record.address} ${record.outcome}${reason}${detail}`;
}

function named(code: number | undefined, nameOf: (code: number) => string): string | null {
  return code === undefined ? null : nameOf(code);
}
