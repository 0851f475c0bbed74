/** The vault's configuration file, `vault.yaml` in its data folder: schema, defaults, errors. */

import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import {
  dateField,
  durationField as duration,
  listenField as listen,
  localListenField,
  sizeField as size,
} from './config-fields.ts';
import { vaultPaths } from './data-folder.ts';
import { noticesSchema } from './notices/notice-config.ts';

const minute = 60_000;

/** One path or a list of them. */
const fileList = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((files): readonly string[] => (typeof files === 'string' ? [files] : files));

const schema = z.strictObject({
  listen: listen.default({ host: 'localhost', port: 8443 }),
  tls: z
    .strictObject({
      /** What is spoken without a policy.yaml: Mozilla's `intermediate` (1.2) or `modern` (1.3). */
      minVersion: z.enum(['1.2', '1.3']).default('1.2'),
      /** Names and addresses in the server's own certificate, besides this host's. */
      names: z.array(z.string().min(1)).default([]),
      /** A second certificate of the vault's own, with an RSA key, for clients that know no ECDSA. */
      rsa: z.boolean().default(false),
      /**
       * Certificate chains and keys of another authority (PEM files), instead of the vault's own: one
       * pair, or one for each type of key.
       */
      certificate: fileList.optional(),
      key: fileList.optional(),
    })
    .refine((tls) => tls.certificate?.length === tls.key?.length, {
      message: 'certificate and key must be given together, and as many of one as of the other',
    })
    .refine((tls) => !tls.rsa || tls.certificate === undefined, {
      message: "rsa is for the vault's own certificate; give the RSA pair in certificate and key",
    })
    .prefault({}),
  repositories: z
    .strictObject({
      /** A rest-server's data folder can stand here as it is. */
      path: z.string().min(1).optional(),
      /** The first folder of a repository's path must be the login's or the client's name. */
      private: z.boolean().default(true),
      /** Nobody may delete anything but their own locks. */
      appendOnly: z.boolean().default(false),
      /** Logins in Apache's format (bcrypt, SHA), besides the vault's own; read again when changed. */
      htpasswd: z.string().min(1).optional(),
      maxFileSize: size.default(1024 ** 3),
    })
    .prefault({}),
  ledger: z
    .strictObject({
      /** Days that what was seen of clients is kept; auditors ask for twelve months. */
      keepDays: z.number().int().positive().default(400),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Until the headers of a request are complete. */
      headersTimeout: duration.default(30_000),
      /** Without a byte in either direction. */
      idleTimeout: duration.default(2 * minute),
      /** For one whole request, body included. */
      requestTimeout: duration.default(60 * minute),
      handshakeTimeout: duration.default(20_000),
      /** From a connection to its complete ClientHello, and the largest one that is read. */
      helloTimeout: duration.default(10_000),
      helloSize: size.default(64 * 1024),
      /** From the signal to stop until the last connection is ended. */
      stopTimeout: duration.default(8000),
      maxConnections: z.number().int().positive().default(1024),
    })
    .prefault({}),
  /** A second address that decides as the plan will at that date. */
  preview: z.strictObject({ listen, at: dateField }).optional(),
  metrics: z.strictObject({ listen: localListenField }).optional(),
  ratchet: z
    .strictObject({
      /** Who has proved TLS 1.3 is refused with less. */
      enabled: z.boolean().default(true),
      /** Logins that several machines share, besides those added with --shared; `*` is allowed. */
      shared: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  /** Names of clients and logins by tag, for the waves of a plan; `*` is allowed. */
  tags: z.record(z.string().min(1), z.array(z.string().min(1))).default({}),
  notices: noticesSchema.prefault({}),
  console: z
    .strictObject({
      /** A session ends after so long without a request, and so long after signing in in any case. */
      idleTimeout: duration.default(60 * minute),
      sessionTimeout: duration.default(12 * 60 * minute),
    })
    .prefault({}),
});

export type VaultConfig = z.output<typeof schema>;

/** The configuration of an empty file. */
export const defaultVaultConfig: VaultConfig = schema.parse({});

/**
 * @param text YAML; empty text gives the defaults
 * @param file name for the error
 * @throws SealiftError `vault/config` that names file and field
 */
export function parseVaultConfig(text: string, file: string): VaultConfig {
  let document: unknown;
  try {
    document = parseYaml(text) ?? {};
  } catch (error) {
    throw configError(file, messageOf(error).split('\n')[0] ?? 'not YAML');
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw configError(file, `${field === '' ? '' : `${field}: `}${issue?.message}`, field);
}

/**
 * Reads the configuration of a data folder; relative paths in it count from the file's folder.
 * @param file another file than the data folder's own, which must then exist
 * @throws SealiftError `vault/config`
 */
export async function readVaultConfig(dataDir: string, file?: string): Promise<VaultConfig> {
  const path = file ?? vaultPaths(dataDir).config;
  let text = '';
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (file !== undefined || systemCodeOf(error) !== 'ENOENT')
      throw configError(path, messageOf(error));
  }
  return withAbsolutePaths(parseVaultConfig(text, path), resolve(path, '..'));
}

function withAbsolutePaths(config: VaultConfig, base: string): VaultConfig {
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(base, path));
  const { certificate, key } = config.tls;
  const { path, htpasswd } = config.repositories;
  return {
    ...config,
    tls: {
      ...config.tls,
      ...(certificate === undefined ? {} : { certificate: certificate.map(absolute) }),
      ...(key === undefined ? {} : { key: key.map(absolute) }),
    },
    repositories: {
      ...config.repositories,
      ...(path === undefined ? {} : { path: absolute(path) }),
      ...(htpasswd === undefined ? {} : { htpasswd: absolute(htpasswd) }),
    },
    notices: withAbsoluteFiles(config.notices, absolute),
  };
}

function withAbsoluteFiles(
  notices: VaultConfig['notices'],
  absolute: (path: string) => string,
): VaultConfig['notices'] {
  const { webhook, email, ...rest } = notices;
  const caFile = (file: string | undefined) =>
    file === undefined ? {} : { caFile: absolute(file) };
  return {
    ...rest,
    ...(webhook === undefined
      ? {}
      : {
          webhook: {
            ...webhook,
            secretFile: absolute(webhook.secretFile),
            ...caFile(webhook.caFile),
          },
        }),
    ...(email === undefined
      ? {}
      : {
          email: {
            ...email,
            ...(email.passwordFile === undefined
              ? {}
              : { passwordFile: absolute(email.passwordFile) }),
            ...caFile(email.caFile),
          },
        }),
  };
}

function configError(file: string, problem: string, field = ''): SealiftError {
  return new SealiftError('vault/config', `${file}: ${problem}`, {
    hint: 'Correct the file; the settings and their defaults stand in docs/guide/vault.md, and a setting left out takes them.',
    fields: { file, ...(field === '' ? {} : { field }) },
  });
}
