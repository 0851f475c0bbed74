/**
 * `GET /report`: the whole fleet, without loss, as `sealift clients` and `sealift report` print it.
 * Codes are the numbers of the registries, times milliseconds since 1970.
 */

import { z } from 'zod';
import { outcomes } from './client.ts';
import { clientClass, clientKind, readinessState } from './clients.ts';
import { capability, count, day, days, language } from './common.ts';

const code = z.number().int().min(0).max(0xffff).nullable();
const ms = z.number();
const byClass = z.object({ client: count, visitor: count, scanner: count });

export const reportQuery = z.strictObject({ days: days.optional(), lang: language.default('en') });
/** The same, held against another plan or policy (YAML) instead of the vault's. */
export const reportRequest = z.strictObject({
  days: days.optional(),
  policy: z
    .string()
    .min(1)
    .max(1024 * 1024)
    .optional(),
  lang: language.default('en'),
});
export type ReportRequest = z.input<typeof reportRequest>;

export const fleetReport = z.object({
  madeMs: ms,
  sinceMs: ms,
  days,
  /** The plan that it was held against. */
  yaml: z.string(),
  clients: z.array(
    z.object({
      summary: z.object({
        kind: clientKind,
        name: z.string(),
        class: clientClass,
        enrolled: z.boolean(),
        fingerprints: z.array(z.string()),
        addresses: z.array(z.string()),
        firstSeenMs: ms.nullable(),
        lastSeenMs: ms.nullable(),
        days: count,
        connections: count,
        connectionsBySighting: count,
        outcomes,
        reasons: z.array(z.tuple([z.string(), count])),
        bestOffered: code,
        bestNegotiated: code,
        lastVersion: code,
        cipherSuite: code,
        group: code,
        signatureScheme: code,
        serverName: z.string().nullable(),
        alpn: z.string().nullable(),
        bytesIn: count,
        bytesOut: count,
        backups: count,
        lastBackupMs: ms.nullable(),
      }),
      entries: z.array(
        z.object({
          address: z.string(),
          fingerprint: z.string(),
          firstSeenMs: ms,
          lastSeenMs: ms,
          connections: count,
          backups: count,
          lastBackupMs: ms.nullable(),
          bestNegotiated: code,
        }),
      ),
      readiness: z.object({
        state: readinessState,
        enforceMs: ms.nullable(),
        obstacles: z.array(
          z.object({
            fingerprint: z.string(),
            lastSeenMs: ms,
            capabilities: z.array(capability),
            alert: z.string(),
            /** In the language asked for. */
            why: z.string().nullable(),
          }),
        ),
      }),
    }),
  ),
  weeks: z.array(
    z.object({
      monday: day,
      versions: z.array(z.object({ version: code, connections: byClass, clients: byClass })),
    }),
  ),
  inventory: z.array(
    z.object({
      version: z.number().int(),
      cipherSuite: code,
      group: code,
      kind: clientKind,
      client: z.string(),
      class: clientClass,
      connections: count,
      firstDay: day,
      lastDay: day,
    }),
  ),
});
export type FleetReportDocument = z.infer<typeof fleetReport>;
