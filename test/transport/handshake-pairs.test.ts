/**
 * The prediction is right: random clients and random server policies make real handshakes through the
 * door, and what the client reports is what negotiate says of the hello that it really sent.
 *
 * Half of the policies are judged as the vault judges them, so that the door sends the alerts; for the
 * other half every hello that a context exists for goes to OpenSSL, which then answers by itself.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Judge } from '../../src/door/door.ts';
import { createDoor } from '../../src/door/door.ts';
import { fallbackScsv, findCipherSuite } from '../../src/tls/cipher-suites.ts';
import type { Negotiation } from '../../src/tls/negotiate.ts';
import { negotiate } from '../../src/tls/negotiate.ts';
import type { Offer } from '../../src/tls/offer.ts';
import { bestVersion } from '../../src/tls/offer.ts';
import type { Policy } from '../../src/tls/policy.ts';
import { contextOptions } from '../../src/tls/policy.ts';
import { reasonText } from '../../src/tls/reasons.ts';
import { policyOfPath } from '../../src/tls/retirement/judge.ts';
import type { Agreement } from '../../src/tls/retirement/verdict.ts';
import { readServerFlight } from '../../src/tls/server-hello.ts';
import { tls12 } from '../../src/tls/versions.ts';
import { judgeOf, planOf, recorder, testIdentity } from '../support/door.ts';
import {
  drawnPolicies,
  groupPool,
  schemePool,
  someOf,
  suitePool,
} from '../support/drawn-policies.ts';
import { findPeer } from '../support/peers.ts';
import type { SelfSignedType } from '../support/self-signed.ts';
import type { ClientReport, ClientSettings, TlsClient } from '../support/tls-clients.ts';
import { gnutlsClient, nodeClient, opensslClient } from '../support/tls-clients.ts';

const wanted = Number(process.env['SEALIFT_HANDSHAKE_PAIRS'] ?? 600);
const seed = Number(process.env['SEALIFT_SEED'] ?? Date.now() % 1_000_000);
const pairsOfEachPolicy = 18;
/** Programs that run at once; each takes a processor for its few milliseconds. */
const parallel = 2;

/** negotiate.ts predicts OpenSSL 3.5, which brought the hybrids and the levels of groups. */
const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
const skip = major * 100 + minor < 305 ? 'needs Node with OpenSSL 3.5 or newer' : false;

const clients: readonly (readonly [string, TlsClient])[] = [
  ...(findPeer('openssl') ? [['openssl', opensslClient] as const] : []),
  ...(findPeer('gnutls-cli') ? [['gnutls', gnutlsClient] as const] : []),
  ['node', nodeClient],
];

const versionRanges: readonly (readonly [number, number])[] = [
  ...([
    [0x0301, 0x0304],
    [0x0301, 0x0303],
    [0x0303, 0x0304],
    [0x0304, 0x0304],
  ] as const),
  ...([
    [0x0303, 0x0303],
    [0x0302, 0x0302],
    [0x0301, 0x0301],
    [0x0301, 0x0302],
  ] as const),
];

const drawnSettings: fc.Arbitrary<ClientSettings> = fc
  .record({
    versions: fc.constantFrom(...versionRanges),
    cipherSuites: someOf(suitePool, 5),
    groups: someOf(groupPool, 1),
    signatureSchemes: someOf(schemePool, 2),
    fallback: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
  })
  .map(({ versions: [minVersion, maxVersion], ...settings }) => ({
    ...settings,
    minVersion,
    maxVersion,
    // A client says so only when it asks for less than it can.
    fallback: settings.fallback && maxVersion < 0x0304,
  }));

/** What the door speaks on the offer's path: who can do TLS 1.2 never gets the legacy context. */
function policyFor(offer: Offer, policy: Policy): Policy {
  return policyOfPath(policy, (bestVersion(offer) ?? tls12) >= tls12 ? 'strict' : 'legacy');
}

/**
 * What the offer's path agrees on. The judge of the vault holds a hello that says it was lowered
 * against all versions, and words a refusal by them.
 */
function predict(offer: Offer, { policy, isOpen }: Pair): Negotiation {
  const onPath = negotiate(offer, policyFor(offer, policy));
  if (isOpen) return onPath;
  const whole = negotiate(offer, policy);
  const isLowered = offer.cipherSuites.includes(fallbackScsv);
  return whole.kind === 'refused' && (isLowered || onPath.kind === 'refused') ? whole : onPath;
}

/** Lets OpenSSL decide wherever there is a context for the offer's path. */
function openJudge(policy: Policy): Judge {
  return (offer) => {
    const served = policyFor(offer, policy);
    const negotiation = negotiate(offer, served);
    if (served.versions.length === 0 && negotiation.kind === 'refused') {
      const { alert } = negotiation;
      return { kind: 'refuse', alert, cause: 'policy', negotiation, notices: [] };
    }
    const path = served.versions.some((version) => version >= tls12) ? 'strict' : 'legacy';
    // The door reads of the agreement only what Node does not tell; there may be none.
    const agreement = negotiation as Agreement;
    return { kind: 'accept', path, policy: served, agreement, notices: [] };
  };
}

interface Pair {
  readonly client: string;
  readonly settings: ClientSettings;
  readonly policy: Policy;
  readonly isOpen: boolean;
  readonly helloReading: 'look' | 'script';
}

type Result =
  | { readonly kind: 'same'; readonly shape: string }
  | { readonly kind: 'inexpressible'; readonly said: string }
  | { readonly kind: 'different'; readonly text: string };

/** What the server sent in clear, seen on the way to the client. */
async function listenBetween(upstreamPort: number) {
  const sent: Buffer[][] = [];
  const server = net.createServer((client) => {
    const upstream = net.connect({ host: '127.0.0.1', port: upstreamPort });
    const chunks: Buffer[] = [];
    sent.push(chunks);
    upstream.on('data', (chunk: Buffer) => chunks.push(chunk));
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a host and port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return { port, sent: () => Buffer.concat(sent.flat()), close: () => server.close() };
}

async function meet(pair: Pair): Promise<Result> {
  const { policy, settings, isOpen } = pair;
  const client = clients.find(([name]) => name === pair.client)?.[1];
  assert.ok(client !== undefined);
  const identities = await Promise.all(
    policy.certificates.map((type) => testIdentity(type as SelfSignedType)),
  );
  const { verdicts, observer, ended } = recorder();
  const problems: unknown[] = [];
  const door = await createDoor({
    listen: { host: '127.0.0.1', port: 0 },
    judge: isOpen ? openJudge(policy) : judgeOf(planOf(policy)),
    helloReading: pair.helloReading,
    observer,
    onProblem: (problem) => problems.push(problem),
    serve: {
      kind: 'terminate',
      secureContextOptions: () => ({
        cert: identities.map(({ cert }) => cert),
        key: identities.map(({ key }) => key),
      }),
      onSecure: (socket) => socket.resume().end(),
    },
  });
  const between = await listenBetween(door.port);
  try {
    const report = await client(between.port, settings);
    assert.deepEqual(problems, []);
    if (verdicts.length === 0) return { kind: 'inexpressible', said: JSON.stringify(report) };
    const { offer, negotiated } = await ended(0);
    assert.ok(offer !== undefined);
    const prediction = predict(offer, pair);
    const flight = readServerFlight(new Uint8Array(between.sent()));
    const seen = {
      report,
      retry: flight.kind === 'hello' && flight.hello.helloRetryRequest,
      server: negotiated?.cipherSuite,
    };
    const expected = expectationOf(prediction, report, pair);
    if (isDeepStrictEqual(seen, expected)) return { kind: 'same', shape: shapeOf(prediction) };
    const why = prediction.why.map((reason) => reasonText(reason)).join('\n    ');
    const text = [
      `${pair.client} (${pair.helloReading}) ${isOpen ? 'answered by OpenSSL' : 'judged'} ${JSON.stringify(settings)}`,
      `  server ${JSON.stringify(contextOptions(policy))} ${policy.certificates.join()}`,
      `  offer ${JSON.stringify(offer)}`,
      `  seen ${JSON.stringify(seen)}`,
      `  predicted ${JSON.stringify(expected)}`,
      `    ${why}`,
    ].join('\n');
    return { kind: 'different', text };
  } finally {
    await door.close(0);
    between.close();
  }
}

/** What must be seen if the prediction is right; a client that does not name the group is believed. */
function expectationOf(prediction: Negotiation, report: ClientReport, { isOpen }: Pair) {
  if (prediction.kind === 'refused') {
    // The judge says more than OpenSSL, which never sends this one.
    const isWeak = prediction.insufficientSecurity && !isOpen;
    const alert = isWeak ? 'insufficient_security' : prediction.alert;
    return { report: { kind: 'refused', alert }, retry: false, server: undefined };
  }
  const { version, cipherSuite, group, helloRetryRequest } = prediction;
  const isNamed = report.kind === 'agreed' && report.group !== undefined;
  // Finite-field groups of TLS 1.2 are not negotiated, yet a client can name what it was given.
  const isDhe = findCipherSuite(cipherSuite)?.keyExchange === 'DHE';
  const named = isDhe && isNamed ? report.group : group;
  return {
    report: { kind: 'agreed', version, cipherSuite, group: isNamed ? named : undefined },
    retry: helloRetryRequest,
    server: cipherSuite,
  };
}

function shapeOf(prediction: Negotiation): string {
  if (prediction.kind === 'refused') return prediction.alert;
  return prediction.helloRetryRequest ? 'retry' : String(prediction.version);
}

test(`${wanted} random clients and servers agree on what negotiate predicts, through the door`, {
  skip,
}, async (t) => {
  const policies = fc.sample(drawnPolicies, {
    numRuns: Math.ceil(wanted / pairsOfEachPolicy),
    seed,
  });
  const pairs = policies.flatMap((policy, index) =>
    fc
      .sample(drawnSettings, { numRuns: pairsOfEachPolicy, seed: seed + index })
      .map((settings, turn): Pair => {
        const client = clients[turn % clients.length]?.[0] ?? 'node';
        const helloReading = (turn + (index >> 1)) % 2 === 0 ? 'look' : 'script';
        return { client, settings, policy, isOpen: index % 2 === 0, helloReading };
      }),
  );
  const results: { readonly pair: Pair; readonly result: Result }[] = [];
  const work = pairs.values();
  const workers = Array.from({ length: parallel }, async () => {
    for (const pair of work) results.push({ pair, result: await meet(pair) });
  });
  await Promise.all(workers);

  const different = results.flatMap(({ result }) =>
    result.kind === 'different' ? result.text : [],
  );
  assert.equal(
    different.length,
    0,
    `seed ${seed}: ${different.length} of ${pairs.length}\n${different.slice(0, 3).join('\n')}`,
  );
  for (const [name] of clients) {
    const own = results.filter(({ pair }) => pair.client === name);
    const apart = own.filter(({ result }) => result.kind === 'inexpressible').length;
    t.diagnostic(
      `${name}: ${own.length - apart} pairs as predicted, ${apart} that it cannot express`,
    );
    assert.ok(own.length - apart >= own.length / 2, `${name} could express too few pairs`);
  }
  const compared = results.filter(({ result }) => result.kind === 'same').length;
  if (wanted >= 600) assert.ok(compared >= 500, `only ${compared} pairs could be compared`);
  const shapes = new Set(
    results.flatMap(({ result }) => (result.kind === 'same' ? result.shape : [])),
  );
  for (const shape of ['769', '771', '772', 'retry', 'handshake_failure', 'protocol_version']) {
    assert.ok(shapes.has(shape), `seed ${seed}: no pair ended in ${shape}`);
  }
});
