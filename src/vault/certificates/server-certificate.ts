/** The certificate that the vault shows: its own, renewed in time, or another authority's files. */

import { createPrivateKey, X509Certificate as NodeCertificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { messageOf, SealiftError, systemCodeOf } from '../../base/errors.ts';
import { type Clock, systemClock } from '../../base/time.ts';
import type { VaultConfig } from '../config.ts';
import { type VaultPaths, vaultPaths, writeFileAtomically } from '../data-folder.ts';
import {
  createAuthority,
  fingerprintOf,
  isRenewalDue,
  issueServerCertificate,
  type KeyedCertificate,
  readCertificate,
  splitChain,
} from './authority.ts';

/** A certificate chain, leaf first, and the leaf's private key, PEM. */
export interface ServerIdentity {
  readonly chain: string;
  readonly key: string;
}

/** What a TLS context is made of. */
export interface ServerMaterial {
  /** One for each type of key; the handshake takes the one that the client can verify. */
  readonly identities: readonly ServerIdentity[];
  /** Clients' certificates are signed by this one, whoever signed the server's. */
  readonly clientCa: string;
}

type TlsConfig = VaultConfig['tls'];

/**
 * Makes the vault's authority, unless there is one. A certificate whose key is missing is left alone:
 * clients know the vault by it, and the key may come back from a backup.
 */
export async function ensureAuthority(paths: VaultPaths, clock: Clock): Promise<void> {
  if (await exists(paths.caCertificate)) return;
  const authority = await createAuthority(clock);
  // The certificate last: with it, the authority is complete.
  await writeFileAtomically(paths.caKey, authority.key);
  await writeFileAtomically(paths.caCertificate, authority.certificate);
}

/** @throws SealiftError `vault/certificate` if the authority's files cannot be read */
export async function readAuthority(paths: VaultPaths): Promise<KeyedCertificate> {
  return {
    certificate: await readPem(paths.caCertificate),
    key: await readPem(paths.caKey),
  };
}

/**
 * What the server needs for TLS. Its own certificate is made anew if it is missing, due, of another
 * authority or lacks one of the names.
 * @throws SealiftError `vault/certificate` that names the file
 */
export async function loadServerMaterial({
  paths,
  tls,
  clock = systemClock,
  extraNames = [],
}: {
  paths: VaultPaths;
  tls: TlsConfig;
  clock?: Clock;
  extraNames?: readonly string[];
}): Promise<ServerMaterial> {
  if (tls.certificate !== undefined && tls.key !== undefined) {
    return {
      identities: await readIdentities(identityFiles(paths, tls)),
      clientCa: await readPem(paths.caCertificate),
    };
  }
  const authority = await readAuthority(paths);
  const names = serverNames([...tls.names, ...extraNames]);
  const files = identityFiles(paths, tls);
  for (const own of files) {
    if (await isOwnCertificateGood(own, { authority, names, clock })) continue;
    const keyType = own.certificate === paths.rsaCertificate ? 'rsa' : 'ecdsa';
    const issued = await issueServerCertificate(authority, { names, keyType, clock });
    await writeFileAtomically(own.key, issued.key);
    await writeFileAtomically(
      own.certificate,
      `${issued.certificate.trim()}\n${authority.certificate.trim()}\n`,
    );
  }
  return { identities: await readIdentities(files), clientCa: authority.certificate };
}

interface IdentityFiles {
  readonly certificate: string;
  readonly key: string;
}

/** The files of the certificates that a vault with this configuration shows. */
export function identityFiles(paths: VaultPaths, tls: TlsConfig): IdentityFiles[] {
  const { certificate, key, rsa } = tls;
  if (certificate !== undefined && key !== undefined) {
    return certificate.map((file, at) => ({ certificate: file, key: key[at] ?? '' }));
  }
  const own = { certificate: paths.serverCertificate, key: paths.serverKey };
  return rsa ? [own, { certificate: paths.rsaCertificate, key: paths.rsaKey }] : [own];
}

function readIdentities(files: readonly IdentityFiles[]): Promise<ServerIdentity[]> {
  return Promise.all(
    files.map(async ({ certificate, key }) => ({
      chain: await readPem(certificate),
      key: await readPem(key),
    })),
  );
}

/** Changes whenever one of the files behind the TLS context changes. */
export async function materialVersion(paths: VaultPaths, tls: TlsConfig): Promise<string> {
  const files = [
    ...identityFiles(paths, tls).flatMap(({ certificate, key }) => [certificate, key]),
    paths.caCertificate,
  ];
  const versions = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
        () => 'absent',
      ),
    ),
  );
  return versions.join(' ');
}

/**
 * SHA-256 of the certificate that clients recognise this vault by: the last one of the (first) chain
 * that the server sends, which is the vault's own CA unless another authority's certificate is configured.
 * @throws SealiftError `vault/certificate`
 */
export async function trustAnchorOf(dataDir: string, config: VaultConfig): Promise<string> {
  const file = config.tls.certificate?.[0] ?? vaultPaths(dataDir).caCertificate;
  const anchor = splitChain(await readPem(file)).at(-1);
  if (anchor === undefined)
    throw new SealiftError('vault/certificate', `${file} holds no certificate`, {
      fields: { file },
    });
  return fingerprintOf(new NodeCertificate(anchor).raw);
}

/** Names and addresses by which this machine may be reached. */
export function serverNames(extra: readonly string[]): string[] {
  const own = hostname();
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
    .map(({ address }) => address);
  const names = ['localhost', own, own.split('.')[0] ?? own, '127.0.0.1', '::1'];
  const all = [...names, ...extra, ...outside].filter((name) => /^[\w.:*-]+$/.test(name));
  return [...new Set(all.map((name) => name.toLowerCase()))];
}

async function isOwnCertificateGood(
  files: IdentityFiles,
  {
    authority,
    names,
    clock,
  }: { authority: KeyedCertificate; names: readonly string[]; clock: Clock },
): Promise<boolean> {
  try {
    const pem = await readFile(files.certificate, 'utf8');
    const facts = readCertificate(pem);
    const [leaf = '', ca = ''] = splitChain(pem);
    if (ca.trim() !== authority.certificate.trim() || leaf === '') return false;
    // Not so after a crash between the two writes of a renewal.
    const key = createPrivateKey(await readFile(files.key, 'utf8'));
    if (!new NodeCertificate(leaf).checkPrivateKey(key)) return false;
    // IPv6 addresses have several spellings; the names and IPv4 addresses tell enough.
    const wanted = names.filter((name) => isIPv4(name) || !name.includes(':'));
    return !isRenewalDue(facts, clock.now()) && wanted.every((name) => facts.names.includes(name));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    // A file that is there but damaged is the operator's to look at; nothing is overwritten.
    throw certificateError(files.certificate, error);
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => systemCodeOf(error) !== 'ENOENT',
  );
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw certificateError(file, error);
  }
}

function certificateError(file: string, cause: unknown): SealiftError {
  return new SealiftError('vault/certificate', `cannot use ${file}: ${messageOf(cause)}`, {
    cause,
    fields: { file },
    hint: 'Put a readable PEM file there, or remove it so that the vault makes its own.',
  });
}
