/**
 * Password hashes: scrypt for the vault's own logins, and what Apache's htpasswd writes (bcrypt,
 * SHA) for those of a rest-server that moved here.
 *
 * The vault's form is `scrypt$LOG2N$R$P$SALT$HASH`, salt and hash in base64url.
 */

import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { compare as compareBcrypt } from 'bcryptjs';

/** OWASP's password storage advice for scrypt: N 2^15, r 8, p 3 (32 MiB for each run). */
const cost = { log2N: 15, blockSize: 8, parallelization: 3 };
const saltSize = 16;
const hashSize = 32;
/** Each run takes 32 MiB and a thread of the pool, which files need as well. */
const maxRuns = 2;

/** @param work smaller in tests only; a hash carries the numbers it was made with */
export async function hashPassword(password: string, work = cost): Promise<string> {
  const salt = randomBytes(saltSize);
  const hash = await runScrypt(password, { ...work, salt, size: hashSize });
  const { log2N, blockSize, parallelization } = work;
  const encoded = [salt, hash].map((bytes) => bytes.toString('base64url'));
  return ['scrypt', log2N, blockSize, parallelization, ...encoded].join('$');
}

/** False also for a hash of unknown form. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (hash.startsWith('scrypt$')) return verifyScrypt(password, hash);
  if (/^\$2[abxy]\$/.test(hash)) return compareBcrypt(password, hash.replace(/^\$2[xy]/, '$2b'));
  if (hash.startsWith('{SHA}')) return verifySha1(password, hash.slice('{SHA}'.length));
  return false;
}

/** As much work as a verification, for names that do not exist: the time tells nothing. */
export async function pretendToVerify(password: string): Promise<false> {
  await runScrypt(password, { ...cost, salt: Buffer.alloc(saltSize), size: hashSize });
  return false;
}

async function verifyScrypt(password: string, hash: string): Promise<boolean> {
  const [, log2N, blockSize, parallelization, salt = '', expected = ''] = hash.split('$');
  const want = Buffer.from(expected, 'base64url');
  const got = await runScrypt(password, {
    log2N: Number(log2N),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64url'),
    size: want.length,
  });
  return want.length > 0 && timingSafeEqual(got, want);
}

/** Apache's `{SHA}`: unsalted SHA-1. Weak, but what existing rest-server folders may hold. */
function verifySha1(password: string, expected: string): boolean {
  const want = Buffer.from(expected, 'base64');
  const got = createHash('sha1').update(password).digest();
  return want.length === got.length && timingSafeEqual(got, want);
}

interface ScryptRun {
  readonly log2N: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly size: number;
}

let running = 0;
const waiting: (() => void)[] = [];

async function runScrypt(password: string, run: ScryptRun): Promise<Buffer> {
  if (running >= maxRuns) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = {
        N: 2 ** run.log2N,
        r: run.blockSize,
        p: run.parallelization,
        maxmem: 256 * 1024 ** 2,
      };
      scrypt(password, run.salt, run.size, options, (error, hash) =>
        error === null ? resolve(hash) : reject(error),
      );
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
