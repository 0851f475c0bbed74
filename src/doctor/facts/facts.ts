/**
 * Facts: what was read of a machine, as one JSON document. Any reader may make it, anywhere: a hive
 * of a disk, an export, a collector's script. The rules see nothing else.
 *
 * Absence matters as much as presence: `read` lists the registry subtrees that were read whole, so that
 * a value that is not in `registry` is known to be absent below them and unknown elsewhere.
 */

import { z } from 'zod';

/** The version of the schema that this program writes, and the newest that it reads. */
export const factsVersion = 1;
/** Where the schema is published in the repository. */
export const factsSchemaPath = 'docs/schemas/facts.schema.json';

const text = z.string().max(4096);
const path = z.string().max(2048);

const origin = z
  .strictObject({
    file: text.describe('the file or the command that it was read from'),
    offset: z.int().min(0).optional().describe('byte offset in a hive file'),
    line: z.int().min(1).optional().describe('line of a text file'),
  })
  .describe('where a fact was read');

const registryValue = z.strictObject({
  path: path.describe(
    'key, from HKLM, HKCU or HKU, with CurrentControlSet and WOW6432Node spelled so',
  ),
  name: text.describe('empty for the default value'),
  type: z.string().regex(/^(?:REG_[A-Z_]+|0x[0-9a-f]{1,8})$/),
  data: z
    .union([
      z.int().min(0).max(0xffffffff),
      z.string().max(0x100000),
      z.array(text).max(10_000),
      z.strictObject({ hex: z.string().regex(/^(?:[0-9a-f]{2})*$/) }),
    ])
    .describe(
      'a number, a text, a list of texts; bytes in hexadecimal for all that is none of them',
    ),
  source: origin.optional(),
});

const operatingSystem = z.strictObject({
  family: z.enum(['windows', 'linux', 'macos']),
  product: text.optional().describe('as a person calls it: Windows Server 2012 R2 Standard'),
  version: text.optional().describe('major and minor: 6.3'),
  build: z.int().min(0).optional(),
  ubr: z.int().min(0).optional().describe('update build revision'),
  servicePack: z.int().min(0).optional(),
  edition: text.optional(),
  distribution: z
    .array(text)
    .max(20)
    .optional()
    .describe('of Linux, as os-release has it, then its relatives: ubuntu, debian'),
  role: z.enum(['client', 'server']).optional(),
  architecture: z.enum(['x86', 'x64', 'arm64', 'ia64']).optional(),
  buildFrom: z
    .enum(['current-version', 'build-lab', 'installation'])
    .optional()
    .describe(
      'installation: the build that was installed first, which an upgrade may have left behind',
    ),
});

const update = z.strictObject({
  kb: z.string().regex(/^KB\d{5,8}$/),
  state: z.enum(['installed', 'superseded', 'pending', 'not-installed']),
  source: origin.optional(),
});

const rollup = z.strictObject({
  build: z.int().min(0),
  revision: z.int().min(0),
  state: z.enum(['installed', 'superseded', 'pending', 'not-installed']),
  source: origin.optional(),
});

const dotNet = z.strictObject({
  version: text.describe('4.8, 3.5'),
  release: z.int().min(0).optional().describe('NDP\\v4\\Full Release'),
  source: origin.optional(),
});

const stack = z.strictObject({
  kind: z.enum(['java', 'openssl', 'gnutls', 'node', 'powershell', 'curl', 'python', 'go']),
  version: text.optional(),
  path: text.optional(),
  settings: z.record(text, z.union([text, z.array(text)])).optional(),
  origins: z.record(text, origin).optional().describe('where settings stand, by their names'),
  source: origin.optional(),
});

const agent = z.strictObject({
  kind: z.enum(['azure-backup', 'dpm', 'mabs', 'sealift', 'restic']),
  name: text.optional(),
  version: text.optional(),
  path: text.optional(),
  source: origin.optional(),
});

const sqlServer = z.strictObject({
  instance: text.describe('MSSQLSERVER for the default one'),
  version: text.optional().describe('of the program with its updates: 12.0.4439.1'),
  path: text.optional().describe('the folder of sqlservr.exe'),
  source: origin.optional(),
});

const service = z.strictObject({
  name: text,
  start: z.enum(['boot', 'system', 'automatic', 'manual', 'disabled']).optional(),
  image: text.optional(),
  account: text.optional(),
  source: origin.optional(),
});

const root = z.strictObject({
  store: z.enum(['root', 'authroot', 'disallowed']),
  thumbprint: z.string().regex(/^[0-9a-f]{40}$/),
});

const proxy = z.strictObject({
  scope: z.enum(['winhttp', 'wininet', 'environment', 'system']),
  server: text.optional().describe('with its port, or the address of a script that names it'),
  account: z
    .enum(['machine', 'system', 'person'])
    .optional()
    .describe('of wininet, whose settings: a policy of the machine, LocalSystem, a person'),
  enabled: z.boolean(),
  source: origin.optional(),
});

const problem = z.strictObject({
  what: z
    .enum([
      'bad-line',
      'dirty-hive',
      'damaged-record',
      'cut-short',
      'log-ignored',
      'bad-checksum',
      'no-control-set',
      'unreadable',
      'other',
    ])
    .describe('what could not be read'),
  detail: text,
  file: text.optional(),
  offset: z.int().min(0).optional(),
  line: z.int().min(1).optional(),
});

export const factsSchema = z.strictObject({
  schema: z.literal('sealift-facts'),
  version: z.literal(factsVersion),
  host: text.optional().describe('the name of the machine'),
  collectedAt: z.iso.datetime({ offset: true }).optional(),
  os: operatingSystem.optional(),
  updates: z.array(update).max(20_000).default([]),
  rollups: z.array(rollup).max(20_000).default([]),
  fileVersions: z
    .record(text, z.string().regex(/^\d+(?:\.\d+){3}$/))
    .default({})
    .describe('versions of schannel.dll, winhttp.dll, clr.dll, cbengine.exe and others by name'),
  filePaths: z.record(text, text).default({}).describe('where each of fileVersions was read'),
  registry: z.array(registryValue).max(100_000).default([]),
  keys: z
    .array(path)
    .max(100_000)
    .default([])
    .describe('keys that exist, also those without a value'),
  read: z
    .array(path)
    .max(10_000)
    .default([])
    .describe('subtrees of the registry that were read whole'),
  dotNet: z.array(dotNet).max(100).default([]),
  stacks: z.array(stack).max(1000).default([]),
  agents: z.array(agent).max(100).default([]),
  sqlServers: z.array(sqlServer).max(100).default([]),
  services: z.array(service).max(1000).default([]),
  roots: z.array(root).max(10_000).default([]),
  clock: z
    .strictObject({
      timeZone: text.optional(),
      skewMs: z.int().optional().describe('machine minus server'),
      server: text.optional().describe('whose clock it was compared with: vault.example:8443'),
      source: origin.optional(),
    })
    .optional(),
  proxies: z.array(proxy).max(100).default([]),
  sources: z
    .array(
      z.strictObject({
        file: text,
        kind: z.enum(['reg-export', 'hive', 'facts', 'collector', 'live', 'disk']),
        notes: z.array(text).max(1000).default([]),
      }),
    )
    .max(1000)
    .default([]),
  problems: z.array(problem).max(10_000).default([]),
});

export type Facts = Readonly<z.output<typeof factsSchema>>;
export type FactsDocument = z.input<typeof factsSchema>;
export type RegistryFact = z.output<typeof registryValue>;
export type Origin = z.output<typeof origin>;
export type OperatingSystem = z.output<typeof operatingSystem>;
export type StackFact = z.output<typeof stack>;
export type AgentFact = z.output<typeof agent>;
export type FactProblem = z.output<typeof problem>;
export type UpdateState = z.output<typeof update>['state'];

/** Facts from the fields that are known; the rest is empty. */
export function makeFacts(fields: Partial<FactsDocument> = {}): Facts {
  return factsSchema.parse({ schema: 'sealift-facts', version: factsVersion, ...fields });
}

/** The published JSON Schema. */
export function factsJsonSchema(): unknown {
  return {
    title: 'Sealift facts',
    description: 'What was read of a machine, for the doctor.',
    ...z.toJSONSchema(factsSchema, { io: 'input' }),
  };
}
