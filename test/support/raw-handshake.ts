/** One question to a TLS server: a hello that we wrote, and what the server answers in clear. */

import { createECDH, generateKeyPairSync } from 'node:crypto';
import net from 'node:net';
import { ByteReader, concatBytes, decodeHex } from '../../src/base/bytes.ts';
import { findCipherSuite } from '../../src/tls/cipher-suites.ts';
import type { ClientHello } from '../../src/tls/client-hello.ts';
import { encodeClientHelloRecords } from '../../src/tls/client-hello.ts';
import { readClientHello } from '../../src/tls/hello-reader.ts';
import { handshakeType } from '../../src/tls/records.ts';
import type { HandshakeMessage, ServerFlight } from '../../src/tls/server-hello.ts';
import { readServerFlight, serverKeyExchangeGroup } from '../../src/tls/server-hello.ts';
import { readVector } from '../../src/tls/vectors.ts';
import hellos from '../vectors/client-hellos.json' with { type: 'json' };

const waitMs = 5000;

/** What the server's plaintext shows of its choice. */
export type Answer =
  | {
      readonly kind: 'agreed';
      readonly version: number;
      readonly cipherSuite: number;
      readonly group: number | undefined;
      readonly helloRetryRequest: boolean;
      /** TLS 1.2 with an ephemeral key exchange only. */
      readonly signatureScheme: number | undefined;
    }
  | { readonly kind: 'refused'; readonly alert: string }
  /** The connection ended without a TLS answer. */
  | { readonly kind: 'silent' };

/** Sends a hello, ours or captured bytes, to a loopback port; reads the answer as far as it is in clear. */
export function askServer(port: number, hello: ClientHello | Uint8Array): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    let received: Uint8Array = new Uint8Array(0);
    const finish = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(waitMs, () => finish({ kind: 'silent' }));
    socket.on('error', () => finish({ kind: 'silent' }));
    socket.on('end', () => finish({ kind: 'silent' }));
    socket.on('data', (chunk: Buffer) => {
      received = concatBytes(received, chunk);
      const answer = answerOf(readServerFlight(received));
      if (answer !== undefined) finish(answer);
    });
    socket.write(hello instanceof Uint8Array ? hello : encodeClientHelloRecords(hello));
  });
}

function answerOf(flight: ServerFlight): Answer | undefined {
  switch (flight.kind) {
    case 'more':
      return undefined;
    case 'fault':
      return { kind: 'silent' };
    case 'alert':
      return { kind: 'refused', alert: flight.alert.name };
    case 'hello': {
      const { hello, messages } = flight;
      const isModern = hello.version === 0x0304;
      if (!isModern && !messages.some(({ type }) => type === handshakeType.serverHelloDone)) {
        return undefined;
      }
      const keyExchange = messages.find(({ type }) => type === handshakeType.serverKeyExchange);
      return {
        kind: 'agreed',
        version: hello.version,
        cipherSuite: hello.cipherSuite,
        group: isModern ? hello.group : keyExchange && serverKeyExchangeGroup(keyExchange.body),
        helloRetryRequest: hello.helloRetryRequest,
        signatureScheme:
          hello.version === 0x0303 && keyExchange !== undefined
            ? schemeOf(keyExchange, hello.cipherSuite)
            : undefined,
      };
    }
  }
}

/** The scheme after the parameters of a ServerKeyExchange of TLS 1.2 (RFC 5246 §7.4.3, RFC 8422 §5.4). */
function schemeOf({ body }: HandshakeMessage, suite: number): number {
  const reader = new ByteReader(body);
  if (findCipherSuite(suite)?.keyExchange === 'DHE') {
    for (const field of ['p', 'g', 'Ys']) readVector(reader, 2, field);
  } else {
    reader.bytes(3, 'named curve');
    readVector(reader, 1, 'point');
  }
  return reader.uint16('signature scheme');
}

/** A valid key share of each group that Node's OpenSSL can do; the private keys are thrown away. */
export function makeKeyShares(): ReadonlyMap<number, Uint8Array> {
  const point = (curve: string): Uint8Array => {
    const ecdh = createECDH(curve);
    ecdh.generateKeys();
    return new Uint8Array(ecdh.getPublicKey());
  };
  const p256 = point('prime256v1');
  const hybrid = capturedHybridShare();
  const mlkemKey = hybrid.subarray(0, 1184);
  return new Map([
    [0x0017, p256],
    [0x0018, point('secp384r1')],
    [0x0019, point('secp521r1')],
    [0x001d, montgomeryShare('x25519')],
    [0x001e, montgomeryShare('x448')],
    [0x11eb, concatBytes(p256, mlkemKey)],
    [0x11ec, hybrid],
  ]);
}

function montgomeryShare(type: 'x25519' | 'x448'): Uint8Array {
  const { publicKey } =
    type === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('x448');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return new Uint8Array(spki.subarray(type === 'x25519' ? -32 : -56));
}

/** ML-KEM keys have an inner check, so that one is taken from a hello that Node sent. */
function capturedHybridShare(): Uint8Array {
  const hex = hellos.find(({ name }) => name === 'node')?.hex;
  const progress = hex === undefined ? undefined : readClientHello(decodeHex(hex));
  const data =
    progress?.kind === 'hello'
      ? progress.hello.extensions?.find(({ type }) => type === 51)?.data
      : undefined;
  if (data === undefined) throw new Error('test/vectors/client-hellos.json has no hello of Node');
  const list = new ByteReader(readVector(new ByteReader(data), 2, 'key_share'));
  while (list.uint16('group') !== 0x11ec) readVector(list, 2, 'key_share');
  return readVector(list, 2, 'key_share');
}
