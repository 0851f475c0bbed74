/** For tests: a vault on a free port of this machine in a folder of its own, and requests to it. */

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { SecureVersion } from 'node:tls';
import { hashPassword } from './accounts/password-hash.ts';
import { parseVaultConfig } from './config.ts';
import { openVaultDatabase, type VaultDatabase } from './database/database.ts';
import { createVaultData, type RunningVault, startVault, type VaultOptions } from './vault.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  json(): unknown;
}

export interface TestRequest {
  readonly user?: string;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Sends the body without saying how long it is. */
  readonly chunked?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly maxVersion?: SecureVersion;
  /** Whatever stands in the hello; the certificate is then not compared with a name. */
  readonly servername?: string;
}

export interface TestVault {
  readonly dataDir: string;
  readonly repositories: string;
  readonly vault: RunningVault;
  readonly database: VaultDatabase;
  readonly ca: string;
  call(method: string, path: string, options?: TestRequest): Promise<TestAnswer>;
  /** Names of all files below the repositories' folder, sorted. */
  files(): string[];
}

/** Cheap hashes: the tests verify many. */
const testWork = { log2N: 4, blockSize: 8, parallelization: 1 };

export async function tempVaultFolder(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-vault-'));
  // The vault may still be writing there: it is closed after this.
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The password of a test's user. */
export function passwordOf(user: string): string {
  return `password of ${user}`;
}

export async function addTestUser(
  database: VaultDatabase,
  name: string,
  { appendOnly = false }: { appendOnly?: boolean } = {},
): Promise<void> {
  const password_hash = await hashPassword(passwordOf(name), testWork);
  await database
    .insertInto('users')
    .values({ name, password_hash, append_only: appendOnly ? 1 : 0, created_ms: 0 })
    .execute();
}

/** @param options.yaml the configuration file's text; the users are alice and bob */
export async function startTestVault(
  t: Pick<TestContext, 'after'>,
  { yaml = '', ...options }: Partial<VaultOptions> & { yaml?: string } = {},
): Promise<TestVault> {
  const dataDir = options.dataDir ?? (await tempVaultFolder(t));
  const { caFile } = await createVaultData(dataDir);
  const database = await openVaultDatabase(dataDir);
  for (const user of ['alice', 'bob']) await addTestUser(database, user);
  const config = parseVaultConfig(yaml, 'vault.yaml');
  const listen = { host: '127.0.0.1', port: 0 };
  const vault = await startVault({ listen, config, ...options, dataDir });
  t.after(async () => {
    await vault.close();
    await database.destroy();
  });
  const ca = readFileSync(caFile, 'utf8');
  const repositories = join(dataDir, 'repositories');
  return {
    dataDir,
    repositories,
    vault,
    database,
    ca,
    call: (method, path, more = {}) => send({ method, path, port: vault.port, ca, ...more }),
    files: () => filesBelow(repositories),
  };
}

/** Random content and the name it has to have. */
export function randomFile(size = 1000): { name: string; body: Buffer } {
  const body = randomBytes(size);
  return { body, name: createHash('sha256').update(body).digest('hex') };
}

export function basicHeader(user: string, password = passwordOf(user)): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function send(
  options: TestRequest & { method: string; path: string; port: number; ca: string },
): Promise<TestAnswer> {
  const { user, password, headers, body, method, path, port, ca, cert, key, maxVersion } = options;
  const { servername } = options;
  const isAnnounced = body !== undefined && options.chunked !== true;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        ca,
        cert,
        key,
        maxVersion,
        ...(servername === undefined ? {} : { servername, checkServerIdentity: () => undefined }),
        agent: false,
        headers: {
          ...(user === undefined ? {} : { authorization: basicHeader(user, password) }),
          ...(isAnnounced ? { 'content-length': body.length } : {}),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(parts);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            json: () => JSON.parse(whole.toString('utf8')),
          });
        });
      },
    );
    sent.on('error', reject);
    // Without a length, `end` alone would announce one.
    if (options.chunked === true) sent.write(body);
    sent.end(isAnnounced ? body : undefined);
  });
}
