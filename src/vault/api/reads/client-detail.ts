/** One client: everything that the ledger, the plan and the database know of it. */

import { diagnose } from '../../../doctor/doctor.ts';
import { cipherSuiteName, findCipherSuite } from '../../../tls/cipher-suites.ts';
import { extensionName } from '../../../tls/extensions.ts';
import { findGroup, groupName } from '../../../tls/groups.ts';
import type { Negotiation } from '../../../tls/negotiate.ts';
import { type Offer, offeredVersions } from '../../../tls/offer.ts';
import { type Language, reasonText } from '../../../tls/reasons.ts';
import { judge } from '../../../tls/retirement/judge.ts';
import { needText } from '../../../tls/retirement/need-text.ts';
import { likelyStacks, needOf } from '../../../tls/retirement/needs.ts';
import { standingsOf } from '../../../tls/retirement/phase.ts';
import type { Plan } from '../../../tls/retirement/plan.ts';
import { endOfPlan } from '../../../tls/retirement/simulate.ts';
import { signatureSchemeName } from '../../../tls/signature-schemes.ts';
import { policyOf } from '../../facts/client-doctors.ts';
import { readStoredFacts } from '../../facts/facts-store.ts';
import type { ReportedClient } from '../../ledger/fleet-report.ts';
import type { ReplayEntry } from '../../ledger/queries.ts';
import type { CheckedRequestOf, ResponseOf } from '../contract.ts';
import type { ApiNegotiation, ClientHello, OfferDocument } from '../schemas/client.ts';
import { notFound } from '../server/problem.ts';
import { clientRow, readRowSources } from './client-rows.ts';
import { exemptionIdOf } from './exemption-id.ts';
import {
  groupOrNull,
  idOfClient,
  momentOf,
  momentOrNull,
  type ReadContext,
  suiteOrNull,
  versionOrNull,
  versionText,
} from './read-context.ts';

/** @throws SealiftError `api/not-found` */
export async function findClient(
  context: ReadContext,
  id: string,
  days: number | undefined,
): Promise<ReportedClient> {
  const fleet = await context.fleet(days);
  const client = fleet.clients.find((one) => idOfClient(one) === id);
  if (client === undefined) throw notFound('client');
  return client;
}

export async function getClient(
  context: ReadContext,
  { params, query }: CheckedRequestOf<'getClient'>,
): Promise<ResponseOf<'getClient'>> {
  const { database, nowMs, plan } = context;
  const client = await findClient(context, params.id, query.days);
  const { summary, readiness } = client;
  const { kind, name } = summary;
  const isNamed = kind === 'certificate' || kind === 'login';
  const sources = await readRowSources(context);
  const [latest] = client.entries.toSorted((a, b) => b.lastSeenMs - a.lastSeenMs);
  const who = {
    address: summary.addresses[0] ?? '',
    fingerprint: latest?.fingerprint ?? '',
    clients: isNamed ? [name] : [],
    tags: isNamed ? context.tagsOf(name) : [],
  };
  const texts = new Set([name, ...summary.fingerprints, ...summary.addresses]);
  const own = plan.exemptions.filter((exemption) => texts.has(exemption.client));
  const quota = await database
    .selectFrom('quotas')
    .select('bytes')
    .where('owner', '=', name)
    .executeTakeFirst();
  return {
    at: momentOf(nowMs),
    days: (await context.fleet(query.days)).days,
    row: clientRow(context, client, sources),
    addresses: [...summary.addresses],
    serverName: summary.serverName ?? null,
    alpn: summary.alpn ?? null,
    signatureScheme:
      summary.signatureScheme === undefined ? null : signatureSchemeName(summary.signatureScheme),
    seenOnDays: summary.days,
    outcomes: { ...summary.outcomes },
    reasons: [...summary.reasons].map(([reason, count]) => ({ reason, count })),
    connectionsBySighting: summary.connectionsBySighting,
    bytesIn: summary.bytesIn,
    bytesOut: summary.bytesOut,
    hellos: client.entries.map((entry) => helloDocument(context, entry, query.lang)),
    obstacles: (readiness?.obstacles ?? []).map((obstacle) => {
      const entry = client.entries.find(({ fingerprint }) => fingerprint === obstacle.fingerprint);
      return {
        fingerprint: obstacle.fingerprint,
        lastSeenAt: momentOf(obstacle.lastSeenMs),
        capabilities: [...obstacle.capabilities],
        alert: obstacle.alert,
        why: obstacle.why === undefined ? null : reasonText(obstacle.why, query.lang),
        needs: entry === undefined ? '' : needsText(context, entry, query.lang),
      };
    }),
    standings: standingsOf(plan, who, nowMs).map((standing) => ({
      capability: standing.retirement.capability,
      phase: standing.phase,
      exemptUntil: momentOrNull(standing.exemptUntilMs),
      warnAt: momentOrNull(standing.warnMs),
      enforceAt: momentOrNull(standing.enforceMs),
    })),
    exemptions: own.map((exemption) => ({
      id: exemptionIdOf(exemption),
      client: exemption.client,
      capability: exemption.capability,
      reason: exemption.reason,
      until: momentOf(exemption.untilMs),
      active: exemption.untilMs > nowMs,
    })),
    ...(await storedParts(context, { id: params.id, kind, name })),
    usedBytes: isNamed ? (sources.usedBytes.get(name) ?? null) : null,
    quotaBytes: isNamed ? (quota?.bytes ?? null) : null,
  };
}

type Stored = Pick<
  ResponseOf<'getClient'>,
  'notes' | 'ratchet' | 'ratchetReleases' | 'certificates' | 'appendOnly' | 'facts' | 'drills'
>;

async function storedParts(
  { database, plan }: ReadContext,
  { id, kind, name }: { readonly id: string; readonly kind: string; readonly name: string },
): Promise<Stored> {
  const notes = await database
    .selectFrom('client_notes')
    .selectAll()
    .where('client', '=', id)
    .orderBy('id', 'desc')
    .execute();
  const isCertificate = kind === 'certificate';
  const proved = kind === 'certificate' || kind === 'login' ? kind : undefined;
  const ratchet = await database
    .selectFrom('ratchet')
    .selectAll()
    .where('client_kind', '=', proved ?? 'login')
    .where('client', '=', proved === undefined ? '' : name)
    .execute();
  const releases = await database
    .selectFrom('ratchet_releases')
    .selectAll()
    .where('client_kind', '=', proved ?? 'login')
    .where('client', '=', proved === undefined ? '' : name)
    .orderBy('id', 'desc')
    .execute();
  const certificates = isCertificate
    ? await database
        .selectFrom('clients')
        .selectAll()
        .where('name', '=', name)
        .orderBy('id', 'desc')
        .execute()
    : [];
  const login =
    kind === 'login'
      ? await database
          .selectFrom('users')
          .select('append_only')
          .where('name', '=', name)
          .executeTakeFirst()
      : undefined;
  const drills = isCertificate
    ? await database
        .selectFrom('drills')
        .selectAll()
        .where('client', '=', name)
        .orderBy('id', 'desc')
        .limit(20)
        .execute()
    : [];
  const stored = isCertificate ? await readStoredFacts(database, name) : undefined;
  const diagnosis =
    stored && diagnose(stored.facts, { policy: policyOf(plan, Number.POSITIVE_INFINITY) });
  const active = certificates.find(({ state }) => state === 'active');
  const appendOnly = (active ?? login)?.append_only;
  return {
    notes: notes.map((row) => ({
      ...{ id: String(row.id), text: row.text, by: row.by, at: momentOf(row.at_ms) },
    })),
    ratchet: ratchet.map((row) => ({
      version: versionText(row.version),
      provedAt: momentOf(row.proved_ms),
      address: row.address,
    })),
    ratchetReleases: releases.map((row) => ({
      version: versionText(row.version),
      provedAt: momentOf(row.proved_ms),
      releasedAt: momentOf(row.released_ms),
      reason: row.reason,
    })),
    certificates: certificates.map((row) => ({
      ...{ serial: row.serial, fingerprint: row.fingerprint, state: row.state },
      createdAt: momentOf(row.created_ms),
      expiresAt: momentOf(row.not_after_ms),
      lastSeenAt: momentOrNull(row.last_seen_ms),
    })),
    appendOnly: appendOnly === undefined ? null : appendOnly === 1,
    facts:
      stored === undefined || diagnosis === undefined
        ? null
        : { day: stored.day, status: diagnosis.status, system: diagnosis.system ?? null },
    drills: drills.map((row) => ({
      ...{ at: momentOf(row.at_ms), kind: row.kind, ok: row.ok === 1, snapshot: row.snapshot },
      ...{ files: row.files, bytes: row.bytes, errors: row.errors, code: row.code },
    })),
  };
}

function helloDocument(context: ReadContext, entry: ReplayEntry, language: Language): ClientHello {
  const { offer } = entry;
  const { nowMs, plan } = context;
  return {
    fingerprint: entry.fingerprint,
    address: entry.address,
    firstSeenAt: momentOf(entry.firstSeenMs),
    lastSeenAt: momentOf(entry.lastSeenMs),
    connections: entry.connections,
    backups: entry.backups,
    bestNegotiated: versionOrNull(entry.bestNegotiated),
    offer: offer === undefined ? null : offerDocument(offer),
    looksLike: offer === undefined ? [] : likelyStacks(offer).map(({ id, name }) => ({ id, name })),
    today: judged(context, entry, { plan, atMs: nowMs, language }),
    finally: judged(context, entry, { plan, atMs: endOfPlan(plan, nowMs), language }),
  };
}

/** As the door would decide at that moment. */
export function judged(
  context: ReadContext,
  entry: ReplayEntry,
  {
    plan,
    atMs,
    language,
  }: { readonly plan: Plan; readonly atMs: number; readonly language: Language },
): ApiNegotiation | null {
  if (entry.offer === undefined) return null;
  const verdict = judge(entry.offer, context.whoOf(entry), plan, atMs, context.server);
  if (verdict.kind === 'refuse')
    return { ...negotiationDocument(verdict.negotiation, language), alert: verdict.alert };
  return negotiationDocument(verdict.agreement, language);
}

export function negotiationDocument(negotiation: Negotiation, language: Language): ApiNegotiation {
  const why = negotiation.why.map((reason) => reasonText(reason, language));
  if (negotiation.kind === 'refused') {
    const none = { version: null, cipherSuite: null, group: null, postQuantum: null };
    const { alert } = negotiation;
    return { agreed: false, ...none, signatureScheme: null, helloRetryRequest: false, alert, why };
  }
  const { version, cipherSuite, group, signatureScheme, helloRetryRequest } = negotiation;
  return {
    agreed: true,
    version: versionText(version),
    cipherSuite: suiteOrNull(cipherSuite),
    group: groupOrNull(group),
    postQuantum: group === undefined ? null : negotiation.postQuantum,
    signatureScheme: signatureScheme === undefined ? null : signatureSchemeName(signatureScheme),
    helloRetryRequest,
    alert: null,
    why,
  };
}

function needsText(context: ReadContext, entry: ReplayEntry, language: Language): string {
  const { offer } = entry;
  if (offer === undefined) return '';
  const atMs = endOfPlan(context.plan, context.nowMs);
  const verdict = judge(offer, context.whoOf(entry), context.plan, atMs, context.server);
  if (verdict.kind !== 'refuse') return '';
  const policy = policyOf(context.plan, atMs);
  const family = likelyStacks(offer)[0]?.family;
  return needText(needOf(verdict.negotiation, offer, policy), { family, language });
}

function offerDocument(offer: Offer): OfferDocument {
  return {
    form: offer.form,
    versions: offeredVersions(offer).map(versionText),
    cipherSuites: offer.cipherSuites.map((code) => ({
      name: cipherSuiteName(code),
      strength: findCipherSuite(code)?.strength ?? null,
    })),
    groups: (offer.groups ?? []).map((code) => ({
      name: groupName(code),
      postQuantum: findGroup(code)?.postQuantum ?? false,
    })),
    keyShares: (offer.keyShares ?? []).map(groupName),
    signatureSchemes: (offer.signatureSchemes ?? []).map(signatureSchemeName),
    serverName: offer.serverName ?? null,
    alpn: [...(offer.alpn ?? [])],
    extensions: (offer.extensions ?? []).map(extensionName),
    resumption: offer.preSharedKey || offer.sessionTicket === 'present',
    grease: offer.grease,
  };
}
