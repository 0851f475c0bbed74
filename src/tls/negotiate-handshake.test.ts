/** The prediction against OpenSSL itself: the same settings and the same hello, on loopback. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  drawnPolicies,
  groupPool,
  schemePool,
  someOf,
  suitePool,
} from '../../test/support/drawn-policies.ts';
import type { Answer } from '../../test/support/raw-handshake.ts';
import { askServer, makeKeyShares } from '../../test/support/raw-handshake.ts';
import type { SelfSignedType } from '../../test/support/self-signed.ts';
import { makeSelfSigned } from '../../test/support/self-signed.ts';
import hellos from '../../test/vectors/client-hellos.json' with { type: 'json' };
import { decodeHex } from '../base/bytes.ts';
import { baselines } from './baselines.ts';
import { findCipherSuite } from './cipher-suites.ts';
import type { ClientHello } from './client-hello.ts';
import { encodeClientHelloRecords } from './client-hello.ts';
import { findGroupByName, groupName } from './groups.ts';
import { helloExtension } from './hello-extensions.ts';
import { ClientHelloReader, readClientHello } from './hello-reader.ts';
import type { Negotiation } from './negotiate.ts';
import { negotiate } from './negotiate.ts';
import type { Offer } from './offer.ts';
import type { Policy } from './policy.ts';
import { contextOptions } from './policy.ts';
import { reasonText } from './reasons.ts';
import { findVersion } from './versions.ts';

/** negotiate.ts predicts OpenSSL 3.5, which brought the hybrids and the levels of groups. */
const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
const skip = major * 100 + minor < 305 ? 'needs Node with OpenSSL 3.5 or newer' : false;

const outcomes = ['1.2', '1.3', 'retry', 'handshake_failure', 'protocol_version'];

const policyCount = Number(process.env['SEALIFT_NEGOTIATE_POLICIES'] ?? 40);
const hellosOfEach = 25;

const identities = new Map<SelfSignedType, { readonly cert: string; readonly key: string }>();
const keyShares = makeKeyShares();

before(async () => {
  for (const type of ['rsa', 'ecdsa-p256', 'ecdsa-p384'] as const) {
    identities.set(type, await makeSelfSigned(type));
  }
});

const servers: tls.Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function startServer(policy: Policy): Promise<number> {
  const chosen = policy.certificates.flatMap(
    (type) => identities.get(type as SelfSignedType) ?? [],
  );
  const server = tls.createServer({
    ...contextOptions(policy),
    cert: chosen.map(({ cert }) => cert),
    key: chosen.map(({ key }) => key),
  });
  servers.push(server);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a host and port has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

interface DrawnHello {
  readonly legacyVersion: number;
  readonly versions: readonly number[] | undefined;
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[] | undefined;
  readonly shares: readonly number[] | undefined;
  readonly schemes: readonly number[] | undefined;
  readonly form: 'tls' | 'sslv2';
}

function usually<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: fc.constant(undefined) });
}

const drawnHellos: fc.Arbitrary<DrawnHello> = fc
  .record({
    legacyVersion: fc.oneof(
      { weight: 5, arbitrary: fc.constant(0x0303) },
      { weight: 3, arbitrary: fc.constantFrom(0x0301, 0x0302, 0x0304) },
      { weight: 1, arbitrary: fc.constantFrom(0x0300, 0x0002) },
    ),
    versions: fc.option(someOf([0x0304, 0x0304, 0x0303, 0x0302, 0x0301, 0x0a0a, 0x7f1c]), {
      nil: undefined,
      freq: 3,
    }),
    cipherSuites: someOf([...suitePool, 0x5600, 0x00ff, 0x1a1a, 0x0005], 3),
    groups: usually(someOf([...groupPool, 0x2a2a, 0x001a])),
    shareCount: usually(fc.nat({ max: 3 })),
    stray: fc.integer({ min: 0, max: 19 }),
    schemes: usually(someOf([...schemePool, 0x0807, 0x3a3a])),
    form: fc.oneof(
      { weight: 12, arbitrary: fc.constant('tls' as const) },
      { weight: 1, arbitrary: fc.constant('sslv2' as const) },
    ),
  })
  .map(({ shareCount, stray, ...hello }) => {
    const listed = (hello.groups ?? []).filter((group) => keyShares.has(group));
    const shares = shareCount === undefined ? undefined : listed.slice(0, shareCount);
    const isTls = hello.form === 'tls';
    return {
      ...hello,
      // Version 0x0002 exists in the SSLv2 form only.
      legacyVersion: isTls
        ? Math.max(hello.legacyVersion, 0x0300)
        : Math.min(hello.legacyVersion, 0x0303),
      shares: stray === 0 ? [...(shares ?? []), 0x0019].slice(-1) : shares,
    };
  });

function helloOf(drawn: DrawnHello): ClientHello {
  const isTls = drawn.form === 'tls';
  return {
    form: drawn.form,
    legacyVersion: drawn.legacyVersion,
    random: new Uint8Array(32).fill(0x5a),
    sessionId: new Uint8Array(0),
    cipherSuites: drawn.cipherSuites,
    compressionMethods: [0],
    extensions: isTls
      ? [
          ...(drawn.versions === undefined
            ? []
            : [helloExtension.supportedVersions([...new Set(drawn.versions)])]),
          ...(drawn.groups === undefined ? [] : [helloExtension.supportedGroups(drawn.groups)]),
          ...(drawn.schemes === undefined
            ? []
            : [helloExtension.signatureAlgorithms(drawn.schemes)]),
          ...(drawn.shares === undefined
            ? []
            : [
                helloExtension.keyShare(
                  drawn.shares.map((group) => ({
                    group,
                    key: keyShares.get(group) ?? new Uint8Array(1),
                  })),
                ),
              ]),
        ]
      : undefined,
  };
}

function offerOf(hello: Uint8Array): Offer {
  const progress = readClientHello(hello);
  if (progress.kind !== 'hello')
    throw new assert.AssertionError({ message: JSON.stringify(progress) });
  return progress.hello.offer;
}

/** The prediction in the form of an answer, as far as the server shows it in clear. */
function visible(prediction: Negotiation): Answer {
  if (prediction.kind === 'refused') return { kind: 'refused', alert: prediction.alert };
  const isEphemeral12 =
    prediction.version === 0x0303 && findCipherSuite(prediction.cipherSuite)?.keyExchange !== 'RSA';
  return {
    kind: 'agreed',
    version: prediction.version,
    cipherSuite: prediction.cipherSuite,
    group: prediction.group,
    helloRetryRequest: prediction.helloRetryRequest,
    signatureScheme: isEphemeral12 ? prediction.signatureScheme : undefined,
  };
}

/** The difference between prediction and reality, as text; undefined when there is none. */
async function findDifference(
  port: number,
  policy: Policy,
  hello: Uint8Array,
  seen: Map<string, number>,
): Promise<string | undefined> {
  const offer = offerOf(hello);
  const prediction = negotiate(offer, policy);
  const answer = await askServer(port, hello);
  const shape = shapeOf(answer);
  seen.set(shape, (seen.get(shape) ?? 0) + 1);
  if (isDeepStrictEqual(answer, visible(prediction))) return undefined;
  const why = prediction.why.map((reason) => reasonText(reason)).join('\n    ');
  return [
    `server ${JSON.stringify(contextOptions(policy))} ${policy.certificates.join()}`,
    `  offer ${JSON.stringify(offer)}`,
    `  OpenSSL ${JSON.stringify(answer)}`,
    `  predicted ${JSON.stringify(visible(prediction))}`,
    `    ${why}`,
  ].join('\n');
}

function shapeOf(answer: Answer): string {
  if (answer.kind !== 'agreed') return answer.kind === 'refused' ? answer.alert : answer.kind;
  return answer.helloRetryRequest ? 'retry' : (findVersion(answer.version)?.short ?? '?');
}

test(`what OpenSSL answers to ${policyCount * hellosOfEach} drawn pairs is what negotiate predicts`, {
  skip,
}, async () => {
  const seed = Number(process.env['SEALIFT_SEED'] ?? Date.now() % 1_000_000);
  const policies = fc.sample(drawnPolicies, { numRuns: policyCount, seed });
  const differences: string[] = [];
  const seen = new Map<string, number>();
  for (const [index, policy] of policies.entries()) {
    const port = await startServer(policy);
    const drawn = fc.sample(drawnHellos, { numRuns: hellosOfEach, seed: seed + index });
    for (const hello of drawn) {
      const bytes = encodeClientHelloRecords(helloOf(hello));
      const difference = await findDifference(port, policy, bytes, seen);
      if (difference !== undefined) differences.push(difference);
    }
  }
  assert.equal(differences.length, 0, `seed ${seed}\n${differences.slice(0, 4).join('\n')}`);
  // The pairs are worth something only if they meet the outcomes that matter.
  for (const shape of outcomes)
    assert.ok(seen.has(shape), `seed ${seed}: no pair ends in ${shape}`);
});

test('what OpenSSL answers to captured hellos under each baseline is what negotiate predicts', {
  skip,
}, async () => {
  const differences: string[] = [];
  for (const baseline of baselines) {
    for (const certificates of [['rsa'], ['ecdsa-p256', 'rsa']] as const) {
      const policy: Policy = { ...baseline, certificates };
      const port = await startServer(policy);
      for (const { name, hex } of hellos) {
        const difference = await findDifference(port, policy, decodeHex(hex), new Map());
        if (difference !== undefined) differences.push(`${baseline.name}, ${name}: ${difference}`);
      }
    }
  }
  assert.deepEqual(differences, []);
});

test("Node's own client agrees with each baseline on what negotiate predicts", {
  skip,
}, async () => {
  const clients: readonly tls.ConnectionOptions[] = [
    {},
    { maxVersion: 'TLSv1.2' },
    { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    { ecdhCurve: 'X25519' },
    { ecdhCurve: 'P-521:P-256' },
    { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:TLS_CHACHA20_POLY1305_SHA256' },
  ];
  for (const baseline of baselines) {
    for (const certificates of [['rsa'], ['ecdsa-p256']] as const) {
      const policy: Policy = { ...baseline, certificates };
      const port = await startServer(policy);
      for (const options of clients) {
        const { offer, outcome } = await connectThroughSplice(port, options);
        assert.equal(
          outcome,
          outcomeOf(negotiate(offer, policy)),
          `${policy.name} ${certificates} ${JSON.stringify(options)}`,
        );
      }
    }
  }
});

/** Version, suite and group; or the alert, as Node's client words it. */
function outcomeOf(prediction: Negotiation): string {
  if (prediction.kind === 'refused') return prediction.alert.replaceAll('_', ' ');
  const { version, cipherSuite, group } = prediction;
  return [
    findVersion(version)?.node,
    findCipherSuite(cipherSuite)?.name,
    group === undefined ? 'none' : groupName(group),
  ].join(' ');
}

/** Connects through a splice that reads the hello on its way, as the door will. */
async function connectThroughSplice(
  port: number,
  options: tls.ConnectionOptions,
): Promise<{ offer: Offer; outcome: string }> {
  const reader = new ClientHelloReader();
  const splice = net.createServer((client) => {
    const upstream = net.connect({ host: '127.0.0.1', port });
    client.once('data', (chunk: Buffer) => reader.push(chunk));
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  splice.listen(0, '127.0.0.1');
  await once(splice, 'listening');
  // A server that listens on a host and port has an AddressInfo.
  const address = splice.address() as AddressInfo;
  const socket = tls.connect({
    ...options,
    host: '127.0.0.1',
    port: address.port,
    servername: 'localhost',
    rejectUnauthorized: false,
  });
  const outcome = await new Promise<string>((resolve) => {
    socket.once('secureConnect', () => resolve(describe(socket)));
    socket.once('error', (error) => resolve(alertIn(error)));
  });
  socket.destroy();
  splice.close();
  const progress = reader.push(new Uint8Array(0));
  if (progress.kind !== 'hello') throw new assert.AssertionError({ message: 'no hello' });
  return { offer: progress.hello.offer, outcome };
}

function describe(socket: tls.TLSSocket): string {
  const info = socket.getEphemeralKeyInfo();
  const name = info !== null && 'name' in info ? findGroupByName(String(info.name)) : undefined;
  return [socket.getProtocol(), socket.getCipher().standardName, name?.name ?? 'none'].join(' ');
}

function alertIn(error: Error): string {
  return /alert ([a-z ]+)/.exec(error.message)?.[1]?.trim() ?? error.message;
}
