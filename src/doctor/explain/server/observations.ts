/** What a check of the server says for and against each cause. */

import { tls12, versionName } from '../../../tls/versions.ts';
import { formatSkew, toleratedSkewMs } from '../../rules/clock.ts';
import type { Observation } from '../explain.ts';
import type { Weights } from '../knowledge/signature.ts';
import type { VersionReply } from './ask-version.ts';
import type { ServerCheck } from './check-server.ts';
import { findInspector, isPublicName } from './inspection.ts';
import type { Handshake } from './presented-chain.ts';

/** Causes that need a TLS answer, and so are not the reason where none came. */
const beforeTls: Weights = {
  'client-too-old': -0.9,
  'dotnet-old-default': -0.8,
  'no-common-suite': -0.9,
  'server-too-old': -0.9,
  'something-between': -0.5,
  'transfer-cut': -0.6,
  'untrusted-root': -0.6,
};

/** The most telling first. */
export function observationsOfServer(check: ServerCheck): Observation[] {
  return [...reachObservations(check), ...versionObservations(check), ...chainObservations(check)]
    .concat(clockObservations(check))
    .concat(proxyObservations(check))
    .concat(fineObservation(check));
}

function observe(
  key: Observation['key'],
  values: Observation['values'],
  weights: Weights,
  more: Pick<Observation, 'supportsOnly'> = {},
): Observation {
  return { key, values, weights, ...more };
}

function reachObservations({ host, port, reach }: ServerCheck): Observation[] {
  const server = `${host}:${port}`;
  switch (reach.kind) {
    case 'open':
      return [];
    case 'not-resolved':
      return [
        observe(
          'server.notResolved',
          { host, code: reach.code },
          { ...beforeTls, 'name-not-resolved': 0.97 },
        ),
      ];
    case 'refused':
      return [observe('server.portClosed', { server }, { ...beforeTls, 'port-closed': 0.97 })];
    case 'no-answer':
      return [observe('server.portFiltered', { server }, { ...beforeTls, 'port-filtered': 0.93 })];
    case 'unreachable':
      return [
        observe('server.noRoute', { server, code: reach.code }, { ...beforeTls, 'no-route': 0.95 }),
      ];
  }
}

function versionObservations(check: ServerCheck): Observation[] {
  const { versions, host } = check;
  if (versions.length === 0) return [];
  const spoken = versions.filter(({ answer }) => answer.kind === 'agreed');
  if (spoken.length === 0) return silentObservations(versions, host);
  const old = versions.filter(({ version }) => version < tls12);
  const spokenOld = spoken.filter(({ version }) => version < tls12);
  const named = { spoken: namesOf(spoken) };
  if (spokenOld.length === spoken.length) {
    return [observe('server.onlyOld', named, { 'server-too-old': 0.97, 'client-too-old': -0.9 })];
  }
  if (spokenOld.length > 0) {
    const disproved = { 'client-too-old': -0.7, 'dotnet-old-default': -0.7 };
    return [observe('server.oldAccepted', { spoken: namesOf(spokenOld) }, disproved)];
  }
  const cut = old.every(({ answer }) => answer.kind !== 'alert');
  const values = { ...named, refused: namesOf(old), how: howOf(old) };
  const weights = {
    'client-too-old': cut ? 0.65 : 0.5,
    'dotnet-old-default': cut ? 0.5 : 0.35,
    'server-too-old': -0.9,
    'something-between': -0.5,
    'not-tls': -0.9,
    ...(cut ? {} : { 'transfer-cut': -0.2 }),
  };
  return [
    observe(cut ? 'server.oldReset' : 'server.oldRefused', values, weights, { supportsOnly: true }),
  ];
}

/** No version was agreed on: not TLS at all, a name that is not served, or something that cuts. */
function silentObservations(versions: readonly VersionReply[], host: string): Observation[] {
  const plain = versions.map(({ answer }) => answer).find(({ kind }) => kind === 'not-tls');
  if (plain?.kind === 'not-tls') {
    return [observe('server.notTls', { start: plain.start }, { ...beforeTls, 'not-tls': 0.97 })];
  }
  if (
    versions.some(({ answer }) => answer.kind === 'alert' && answer.alert === 'unrecognized_name')
  ) {
    return [observe('server.nameRefused', { host }, { ...beforeTls, 'unknown-server-name': 0.97 })];
  }
  const alerts = versions.every(({ answer }) => answer.kind === 'alert');
  const weights: Weights = alerts
    ? { 'no-common-suite': 0.5, 'server-trouble': 0.45, 'client-too-old': -0.5 }
    : { 'something-between': 0.6, 'server-trouble': 0.4, 'not-tls': 0.3, 'client-too-old': -0.6 };
  return [observe('server.allCut', { how: howOf(versions) }, weights)];
}

function chainObservations(check: ServerCheck): Observation[] {
  const { handshake, host, versions } = check;
  if (handshake?.kind === 'failed') {
    return /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(handshake.code ?? '') &&
      versions.some(({ asksForCertificate }) => asksForCertificate)
      ? [observe('server.clientCertificate', {}, { 'client-certificate-needed': 0.9 })]
      : [];
  }
  if (handshake === undefined) return [];
  const leaf = handshake.chain[0];
  if (leaf === undefined) return [];
  const found = [...dateObservations(check, handshake), ...trustObservations(check, handshake)];
  if (!handshake.nameFits) {
    const values = { names: leaf.names ?? leaf.subject, host };
    found.push(observe('server.name', values, { 'name-mismatch': 0.95 }));
  }
  if (found.length === 0) {
    found.push(
      observe(
        'server.trusted',
        {},
        {
          'untrusted-root': -0.4,
          'certificate-expired': -0.8,
          'name-mismatch': -0.7,
          'incomplete-chain': -0.5,
          'tls-inspection': -0.5,
        },
      ),
    );
  }
  if (/CERTIFICATE_REQUIRED/.test(handshake.refusedAfter ?? '')) {
    found.push(observe('server.clientCertificate', {}, { 'client-certificate-needed': 0.97 }));
  }
  return found;
}

type DoneHandshake = Extract<Handshake, { kind: 'done' }>;

/** Dates are judged by the server's clock, so that a wrong clock here is not taken for a bad certificate. */
function dateObservations(check: ServerCheck, { chain }: DoneHandshake): Observation[] {
  const here = check.checkedAtMs;
  const there = here - (check.clock?.skewMs ?? 0);
  const expired = chain.find(({ validTo }) => Date.parse(validTo) < here);
  const early = chain.find(({ validFrom }) => Date.parse(validFrom) > here);
  const found: Observation[] = [];
  if (expired !== undefined) {
    const really = Date.parse(expired.validTo) < there;
    const weights: Weights = really
      ? { 'certificate-expired': 0.97, 'clock-wrong': -0.7 }
      : { 'clock-wrong': 0.97, 'certificate-expired': -0.8 };
    found.push(observe('server.expired', { until: dayOf(expired.validTo) }, weights));
  }
  if (early !== undefined) {
    found.push(
      observe('server.notYetValid', { from: dayOf(early.validFrom) }, { 'clock-wrong': 0.9 }),
    );
  }
  return found;
}

const dateObjections = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

function trustObservations(check: ServerCheck, handshake: DoneHandshake): Observation[] {
  const { chain, distrust, selfSigned, publicRoot } = handshake;
  const issuer = chain[0]?.issuer ?? '';
  const names = chain.map((one) => one.issuer).join('\n');
  const vendor = findInspector(names);
  const found: Observation[] = [];
  if (vendor !== undefined) {
    found.push(observe('server.inspected', { issuer, vendor }, { 'tls-inspection': 0.93 }));
  } else if (!publicRoot && isPublicName(check.host) && distrust !== 'CERT_HAS_EXPIRED') {
    found.push(observe('server.privateIssuer', { issuer }, { 'tls-inspection': 0.35 }));
  }
  if (distrust === undefined || dateObjections.has(distrust)) return found;
  if (selfSigned) {
    return [...found, observe('server.selfSigned', { issuer }, { 'untrusted-root': 0.85 })];
  }
  const count = check.versions.find((one) => one.certificateCount !== undefined)?.certificateCount;
  // One certificate alone: a public authority's leaf without its intermediate, or one of a private
  // authority whose root is simply not here.
  if ((count ?? chain.length) === 1 && chain[0]?.namesIssuerAddress === true) {
    const values = { count: 1, issuer };
    const weights = { 'incomplete-chain': 0.7, 'untrusted-root': 0.65 };
    return [...found, observe('server.incomplete', values, weights)];
  }
  return [
    ...found,
    observe('server.untrusted', { code: distrust, issuer }, { 'untrusted-root': 0.85 }),
  ];
}

function clockObservations({ clock, handshake }: ServerCheck): Observation[] {
  if (clock === undefined || handshake === undefined) return [];
  if (Math.abs(clock.skewMs) <= toleratedSkewMs) {
    return [observe('server.clockRight', {}, { 'clock-wrong': -0.8 })];
  }
  const key = clock.skewMs > 0 ? 'server.clockAhead' : 'server.clockBehind';
  return [observe(key, { skew: formatSkew(clock.skewMs) }, { 'clock-wrong': 0.7 })];
}

function proxyObservations({ proxies, viaProxy, handshake }: ServerCheck): Observation[] {
  if (proxies.length === 0) return [];
  if (viaProxy === undefined) {
    const list = proxies.map(({ name, value }) => `${name}=${value}`).join(', ');
    return [observe('server.proxy', { proxies: list }, { proxy: 0.2 }, { supportsOnly: true })];
  }
  const { proxy, handshake: through } = viaProxy;
  if (through.kind === 'failed') {
    return [observe('server.proxyFails', { proxy, problem: through.message }, { proxy: 0.85 })];
  }
  const issuer = through.chain[0]?.issuer ?? '';
  const direct = handshake?.kind === 'done' ? handshake.chain[0]?.issuer : undefined;
  if (direct === undefined) {
    return [observe('server.proxyOnly', { proxy, issuer }, { proxy: 0.6 })];
  }
  return direct === issuer
    ? [observe('server.proxySame', { proxy }, { 'tls-inspection': -0.4, proxy: -0.4 })]
    : [observe('server.proxyInspects', { proxy, issuer, direct }, { 'tls-inspection': 0.97 })];
}

/** Said when nothing else accuses the server. */
function fineObservation(check: ServerCheck): Observation[] {
  const spoken = check.versions.filter(({ answer }) => answer.kind === 'agreed');
  const { handshake } = check;
  const fine =
    handshake?.kind === 'done' &&
    handshake.distrust === undefined &&
    handshake.nameFits &&
    spoken.some(({ version }) => version >= tls12);
  if (!fine) return [];
  const weights = { 'port-closed': -0.8, 'port-filtered': -0.8, 'name-not-resolved': -0.8 };
  return [observe('server.fine', { spoken: namesOf(spoken) }, weights)];
}

function namesOf(versions: readonly VersionReply[]): string {
  return versions.map(({ version }) => versionName(version)).join(', ');
}

/** `protocol_version (70)`, `reset`: each way once. */
function howOf(versions: readonly VersionReply[]): string {
  const ways = versions.map(({ answer }) =>
    answer.kind === 'alert' ? `${answer.alert} (${answer.code})` : answer.kind,
  );
  return [...new Set(ways)].join(', ');
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}
