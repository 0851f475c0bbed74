/** Connections as the door would report them, for the ledger's tests. */

import { join } from 'node:path';
import { pino } from 'pino';
import type { ConnectionRecord } from '../../src/door/connection.ts';
import { getBaseline } from '../../src/tls/baselines.ts';
import { ja4 } from '../../src/tls/fingerprints.ts';
import { negotiate } from '../../src/tls/negotiate.ts';
import { makeOffer } from '../../src/tls/offer.ts';
import type { Verdict } from '../../src/tls/retirement/verdict.ts';
import { openDatabaseFile, type VaultDatabase } from '../../src/vault/database/database.ts';
import type { LedgerTable } from '../../src/vault/database/ledger-tables.ts';
import { Ledger, type LedgerOptions } from '../../src/vault/ledger/ledger.ts';
import { tempFolder } from './temp-folder.ts';

export const silent = pino({ level: 'silent' });
/** Noon, so that an hour more is still the same day. */
export const noonMs = Date.parse('2026-11-24T12:00:00Z');
export const dayMs = 86_400_000;

/** Of a client whose best is TLS 1.0, as Windows 7 with its defaults. */
export const oldOffer = makeOffer({
  legacyVersion: 0x0301,
  cipherSuites: [0xc014, 0xc013, 0x0035, 0x002f, 0x000a],
  extensions: [0, 10, 11, 23, 65281],
  groups: [0x0017, 0x0018],
  pointFormats: [0],
});

/** Of a client that speaks TLS 1.2 and 1.3, without a hybrid group. */
export const newOffer = makeOffer({
  legacyVersion: 0x0303,
  versions: [0x0304, 0x0303],
  cipherSuites: [0x1301, 0x1302, 0xc02f, 0xc030],
  extensions: [0, 10, 11, 13, 43, 51],
  groups: [0x001d, 0x0017],
  keyShares: [0x001d],
  signatureSchemes: [0x0804, 0x0403, 0x0401],
  pointFormats: [0],
  pskModes: [1],
});

/** A connection of the old client from 192.0.2.1 that was accepted, unless the fields say otherwise. */
export function connection(fields: Partial<ConnectionRecord> = {}): ConnectionRecord {
  const offer = 'offer' in fields ? fields.offer : oldOffer;
  return {
    listener: 'main',
    startedMs: noonMs,
    endedMs: noonMs + 1000,
    address: '192.0.2.1',
    client: undefined,
    fingerprint: offer === undefined ? undefined : ja4(offer),
    offer,
    verdict: undefined,
    outcome: 'accepted',
    reason: undefined,
    alert: undefined,
    negotiated: undefined,
    handshakeMs: undefined,
    bytesRead: 0,
    bytesWritten: 0,
    ...fields,
  };
}

/** What the judge says when nothing is left that both sides speak. */
export const refusal: Verdict = (() => {
  const negotiation = negotiate(oldOffer, getBaseline('modern'));
  if (negotiation.kind !== 'refused') throw new Error('TLS 1.0 got through');
  return { kind: 'refuse', alert: negotiation.alert, cause: 'enforce', negotiation, notices: [] };
})();

export function refused(fields: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return connection({
    outcome: 'refused',
    reason: 'retired/tls1.0',
    alert: 'protocol_version',
    verdict: refusal,
    ...fields,
  });
}

export const tls12Handshake = {
  version: 0x0303,
  cipherSuite: 0xc02f,
  group: 0x001d,
  signatureScheme: 0x0804,
  alpn: 'http/1.1',
  resumed: false,
} as const;

export const tls13Handshake = {
  version: 0x0304,
  cipherSuite: 0x1301,
  group: 0x11ec,
  signatureScheme: 0x0804,
  alpn: undefined,
  resumed: false,
} as const;

interface Cleanable {
  after(cleanUp: () => void | Promise<void>): void;
}

/** A database file and a ledger on it; the ledger is closed, the file removed, when the test ends. */
export async function openLedger(
  context: Cleanable,
  options: Partial<LedgerOptions> = {},
): Promise<{ ledger: Ledger; file: string }> {
  let ledger: Ledger | undefined;
  // Before the folder goes, and cleaning up goes in the order of these calls.
  context.after(() => ledger?.close());
  const file = join(tempFolder(context), 'vault.db');
  ledger = await Ledger.open(file, { log: silent, nowMs: noonMs, ...options });
  return { ledger, file };
}

export async function withDatabase<T>(
  file: string,
  job: (database: VaultDatabase) => Promise<T>,
): Promise<T> {
  const database = await openDatabaseFile(file);
  try {
    return await job(database);
  } finally {
    await database.destroy();
  }
}

export function rowsOf(file: string): Promise<LedgerTable[]> {
  return withDatabase(file, (database) => database.selectFrom('ledger').selectAll().execute());
}
