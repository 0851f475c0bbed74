/** `sealift negotiate`: what a client and a server would agree on, step by step, without a connection. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import { messageOf, SealiftError } from '../../base/errors.ts';
import { baselines } from '../../tls/baselines.ts';
import { type CertificateType, certificateTypes } from '../../tls/certificate-types.ts';
import { knownClients } from '../../tls/known-clients.ts';
import { negotiate } from '../../tls/negotiate.ts';
import { bestVersion } from '../../tls/offer.ts';
import { findVersion } from '../../tls/versions.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { usageError } from '../global-options.ts';
import { negotiateAnswer, negotiateLines } from '../negotiate-report.ts';
import { NegotiateSides } from '../negotiate-sides.ts';
import type { Runner } from '../runner.ts';
import { renderTable } from '../table.ts';

interface NegotiateFlags {
  readonly client?: string;
  readonly server?: string;
  readonly batch?: string;
  readonly data?: string;
  readonly certificate?: readonly CertificateType[];
  readonly list?: boolean;
}

const examples = `
Examples:
  sealift negotiate --client windows-7 --server intermediate
  sealift negotiate --client 16030100... --server policy.yaml
  echo '{"client": "node-26", "server": "pq"}' | sealift negotiate --batch -
`;

export function addNegotiate(program: Command, run: Runner): void {
  program
    .command('negotiate')
    .description('explain what a client and a server would agree on')
    .option(
      '--client <offer>',
      'a hello in hexadecimal, a known client, a fingerprint of the ledger (with --data), or @FILE',
    )
    .option('--server <policy>', "a baseline's name or a policy file")
    .option('--batch <file>', 'JSON lines {"client": …, "server": …}, - for standard input')
    .option('--data <folder>', 'data folder of the vault whose ledger is asked')
    .addOption(
      new Option(
        '--certificate <type...>',
        "the server's certificates instead of the policy's",
      ).choices(certificateTypes),
    )
    .option('--list', 'list the known clients and the baselines')
    .addHelpText('after', examples)
    .action(run(runNegotiate));
}

async function runNegotiate(context: Context, flags: NegotiateFlags): Promise<ExitCode> {
  if (flags.list === true) return list(context);
  const sides = new NegotiateSides({ data: flags.data, certificates: flags.certificate });
  if (flags.batch !== undefined) return batch(context, { ...flags, batch: flags.batch }, sides);
  if (flags.client === undefined || flags.server === undefined) {
    throw usageError(
      'negotiate needs --client and --server',
      'sealift negotiate --list names what there is.',
    );
  }
  return explainOne(context, { client: flags.client, server: flags.server }, sides);
}

async function explainOne(
  context: Context,
  given: { readonly client: string; readonly server: string },
  sides: NegotiateSides,
): Promise<ExitCode> {
  const { out, say, language } = context;
  const client = await sides.client(given.client);
  const policy = await sides.server(given.server);
  const result = negotiate(client.offer, policy);
  if (out.modes.json) {
    out.json({ client: client.name, server: policy.name, ...negotiateAnswer(result, language) });
  } else {
    const { name, source } = client;
    if (name !== undefined) out.info(say('negotiate.client', { name, source }));
    const { name: server, source: origin } = policy;
    out.info(
      say('negotiate.server', { name: server, source: origin === server ? undefined : origin }),
    );
    for (const line of negotiateLines(result, { say, language })) out.result(line);
  }
  return result.kind === 'agreed' ? exitCodes.done : exitCodes.failed;
}

/** Answers each line where it stands; a line that cannot be answered does not stop the others. */
async function batch(
  context: Context,
  flags: NegotiateFlags & { readonly batch: string },
  sides: NegotiateSides,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  let number = 0;
  for await (const line of linesOf(flags.batch)) {
    context.signal.throwIfAborted();
    number += 1;
    if (line.trim() === '') continue;
    try {
      const { client, server } = readPair(line);
      const { offer } = await sides.client(client ?? flags.client);
      const result = negotiate(offer, await sides.server(server ?? flags.server));
      if (result.kind === 'refused') exitCode = exitCodes.failed;
      context.out.json(negotiateAnswer(result, context.language));
    } catch (error) {
      if (!(error instanceof SealiftError)) throw error;
      exitCode = exitCodes.failed;
      context.out.json({ error: context.explain(error), error_code: error.code, line: number });
    }
  }
  return exitCode;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (error instanceof SealiftError) throw error;
    throw usageError(`--batch ${path}: ${messageOf(error)}`);
  } finally {
    input.destroy();
  }
}

function readPair(line: string): { readonly client?: unknown; readonly server?: unknown } {
  let pair: unknown;
  try {
    pair = JSON.parse(line);
  } catch (error) {
    throw usageError(`the line is not JSON: ${messageOf(error)}`);
  }
  if (typeof pair !== 'object' || pair === null || Array.isArray(pair)) {
    throw usageError('the line is not an object with client and server');
  }
  return pair;
}

function list({ out, say }: Context): ExitCode {
  const clients = knownClients.map(({ offer, ...client }) => ({
    ...client,
    bestVersion: findVersion(bestVersion(offer) ?? 0)?.node ?? null,
  }));
  const policies = baselines.map(({ name, source, versions }) => ({
    ...{ name, source },
    versions: versions.map((code) => findVersion(code)?.node),
  }));
  if (out.modes.json) {
    out.json({ clients, policies });
    return exitCodes.done;
  }
  out.result(
    renderTable({
      headings: [
        ...[say('negotiate.tableClient'), say('negotiate.tableVersion')],
        ...[say('negotiate.tableEvidence'), say('negotiate.tableName')],
      ],
      rows: clients.map(({ id, name, evidence, bestVersion: version }) => [
        ...[id, version ?? '–'],
        ...[say(evidence === 'measured' ? 'negotiate.measured' : 'negotiate.documented'), name],
      ]),
    }),
  );
  out.result('');
  out.result(
    renderTable({
      headings: [say('negotiate.tablePolicy'), say('negotiate.tableSource')],
      rows: policies.map(({ name, source }) => [name, source]),
    }),
  );
  return exitCodes.done;
}
