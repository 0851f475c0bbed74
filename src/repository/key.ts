/**
 * Key files: the master key, sealed with a key derived from a password. The file itself is plain
 * JSON and named by its hash. docs/format.md#keys
 */

import { scrypt, scryptSync } from 'node:crypto';
import { decodeBase64, encodeBase64 } from '../base/bytes.ts';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import { open, type Random, type RepositoryKey, seal } from './crypto.ts';
import { encodeJsonString } from './go-json.ts';
import { parseJsonFields } from './json-fields.ts';

/** Cost parameters of scrypt (RFC 7914 §2); memory is about 128·N·r bytes. */
export interface ScryptParams {
  /** N, a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
}

/** 32 MiB and about half a second, the values restic's calibration arrives at on current machines. */
export const defaultScryptParams: ScryptParams = { cost: 32768, blockSize: 8, parallelization: 4 };

/**
 * scrypt of a password, as Node's or as whoever hands in another way to compute it.
 * @returns so many bytes, whose memory the caller wipes
 */
export type DeriveKey = (
  password: string,
  salt: Uint8Array,
  length: number,
  params: ScryptParams,
) => Promise<Uint8Array>;

export interface KeyFile {
  /** Nanoseconds since 1970. */
  readonly createdNs: bigint;
  readonly username: string;
  readonly hostname: string;
  readonly params: ScryptParams;
  /** 64 bytes. */
  readonly salt: Uint8Array;
  /** The sealed JSON of the master key. */
  readonly data: Uint8Array;
}

export interface NewKeyFile {
  readonly password: string;
  /** The user asked for a repository that opens without a password. */
  readonly allowEmptyPassword?: boolean;
  readonly masterKey: RepositoryKey;
  readonly username: string;
  readonly hostname: string;
  readonly createdNs: bigint;
  readonly random: Random;
  readonly params?: ScryptParams;
}

const saltBytes = 64;
const encryptBytes = 32;
const macBytes = 16;
const derivedBytes = encryptBytes + macBytes + macBytes;
const maxScryptProduct = 2 ** 30;
/** Bounds what a planted key file can make us allocate; restic's own keys need 32 to 60 MiB. */
const maxScryptMemory = 1024 * 1024 * 1024;
/** A planted p could otherwise keep a thread busy for hours; restic calibrates to 1..10. */
const maxParallelization = 1024;

/**
 * The bytes of a new key file. Blocks for the time of one scrypt (about half a second).
 * @throws SealiftError `password/empty`
 */
export function createKeyFile(options: NewKeyFile): Uint8Array {
  if (options.password === '' && options.allowEmptyPassword !== true) {
    throw new SealiftError('password/empty', 'the password is empty', {
      hint: 'Choose a password that is not empty.',
    });
  }
  const params = options.params ?? defaultScryptParams;
  const salt = options.random(saltBytes);
  const derived = scryptSync(options.password, salt, derivedBytes, scryptOptions(params));
  const data = seal(userKey(derived), encodeMasterKey(options.masterKey), options.random);
  derived.fill(0);
  return Buffer.from(
    `{"created":"${formatTime(options.createdNs)}","username":${encodeJsonString(options.username)},` +
      `"hostname":${encodeJsonString(options.hostname)},"kdf":"scrypt","N":${params.cost},` +
      `"r":${params.blockSize},"p":${params.parallelization},` +
      `"salt":"${encodeBase64(salt)}","data":"${encodeBase64(data)}"}`,
  );
}

/**
 * Reads a key file without opening it.
 * @throws SealiftError `format/key` on another key derivation, cost parameters out of bounds, a
 *   salt that is not 64 bytes, or malformed JSON
 */
export function parseKeyFile(bytes: Uint8Array): KeyFile {
  const fields = parseJsonFields(bytes, { code: 'format/key', what: 'key file' });
  if (fields.string('kdf') !== 'scrypt') fields.fail('kdf', 'not scrypt');
  const params = {
    cost: fields.count('N'),
    blockSize: fields.count('r'),
    parallelization: fields.count('p'),
  };
  if (!areParamsValid(params)) fields.fail('N, r, p', 'out of bounds');
  const salt = fields.bytes('salt');
  const data = fields.bytes('data');
  return {
    createdNs: fields.time('created').ns,
    username: fields.string('username'),
    hostname: fields.string('hostname'),
    params,
    salt: salt?.byteLength === saltBytes ? salt : fields.fail('salt', `not ${saltBytes} bytes`),
    data: data ?? fields.fail('data', 'missing'),
  };
}

/**
 * The master key of a key file.
 * @throws SealiftError `password/wrong` if the password does not open it, `format/key` on bad content
 */
export async function openKeyFile(
  bytes: Uint8Array,
  password: string,
  derive: DeriveKey = deriveByNode,
): Promise<RepositoryKey> {
  const file = parseKeyFile(bytes);
  const derived = await derive(password, file.salt, derivedBytes, file.params);
  try {
    return parseMasterKey(open(userKey(derived), file.data));
  } catch (cause) {
    if (!isSealiftError(cause, 'format/mac')) throw cause;
    throw new SealiftError('password/wrong', 'the password does not open this key file', {
      hint: 'Check the password; each key file has its own.',
      cause,
    });
  } finally {
    derived.fill(0);
  }
}

/** Node's own scrypt, on its thread pool: OpenSSL's, one lane after the other. */
export const deriveByNode: DeriveKey = (password, salt, length, params) =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, length, scryptOptions(params), (error, derived) => {
      if (error)
        reject(new SealiftError('format/key', 'scrypt refused the key file', { cause: error }));
      else resolve(derived);
    });
  });

function encodeMasterKey(key: RepositoryKey): Uint8Array {
  const mac = `{"k":"${encodeBase64(key.macK)}","r":"${encodeBase64(key.macR)}"}`;
  return Buffer.from(`{"mac":${mac},"encrypt":"${encodeBase64(key.encrypt)}"}`);
}

function parseMasterKey(json: Uint8Array): RepositoryKey {
  const fields = parseJsonFields(json, { code: 'format/key', what: 'master key' });
  const mac = fields.object('mac') ?? fields.fail('mac', 'missing');
  const part = (text: string, size: number): Uint8Array => {
    const bytes = decodeBase64(text);
    if (bytes.byteLength !== size) throw new RangeError(`${size} bytes expected`);
    if (bytes.every((byte) => byte === 0)) throw new RangeError('all bytes are zero');
    return bytes;
  };
  return {
    encrypt: fields.parse('encrypt', (text) => part(text, encryptBytes)),
    macK: mac.parse('k', (text) => part(text, macBytes)),
    macR: mac.parse('r', (text) => part(text, macBytes)),
  };
}

function userKey(derived: Uint8Array): RepositoryKey {
  return {
    encrypt: derived.subarray(0, encryptBytes),
    macK: derived.subarray(encryptBytes, encryptBytes + macBytes),
    macR: derived.subarray(encryptBytes + macBytes),
  };
}

function areParamsValid({ cost, blockSize, parallelization }: ScryptParams): boolean {
  const exponent = Math.log2(cost);
  return (
    Number.isInteger(exponent) &&
    exponent >= 1 &&
    exponent < 16 * blockSize &&
    blockSize >= 1 &&
    parallelization >= 1 &&
    parallelization <= maxParallelization &&
    blockSize * parallelization < maxScryptProduct &&
    scryptMemory({ cost, blockSize, parallelization }) <= maxScryptMemory
  );
}

function scryptMemory({ cost, blockSize, parallelization }: ScryptParams): number {
  return 128 * blockSize * (cost + parallelization + 2);
}

/** Node's default `maxmem` is 32 MiB, just below what restic's parameters need. */
function scryptOptions(params: ScryptParams): {
  N: number;
  r: number;
  p: number;
  maxmem: number;
} {
  return {
    N: params.cost,
    r: params.blockSize,
    p: params.parallelization,
    maxmem: scryptMemory(params) + 1024 * 1024,
  };
}
