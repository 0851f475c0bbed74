/** `sealift door`: the door in front of any other TLS server, ending TLS or passing it through. */

import { join } from 'node:path';
import type { Command } from 'commander';
import { parseSize } from '../../base/units.ts';
import { type Network, parseNetwork } from '../../tls/retirement/networks.ts';
import { parsePlanTime } from '../../tls/retirement/plan-times.ts';
import { defaultVaultConfig } from '../../vault/config.ts';
import { type ListenAddress, parseListen, parseLocalListen } from '../../vault/config-fields.ts';
import type { Ledger } from '../../vault/ledger/ledger.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { collect, durationParser, integerParser, usageError } from '../global-options.ts';
import { parseHostPort } from '../host-port.ts';
import { exitCodeAfter, waitForInterrupt } from '../interrupt.ts';
import type { Runner } from '../runner.ts';
import { makeVaultLogger } from '../vault-logger.ts';

interface DoorFlags {
  readonly listen: string;
  readonly upstream: string;
  readonly policy: string;
  readonly cert?: readonly string[];
  readonly key?: readonly string[];
  readonly clientCa?: string;
  readonly http?: boolean;
  readonly proxyProtocol?: boolean;
  readonly acceptProxyProtocol?: readonly string[];
  readonly previewListen?: string;
  readonly previewAt?: string;
  readonly ledger?: string;
  readonly ledgerDays: number;
  readonly metricsListen?: string;
  readonly ticketKeys?: string;
  readonly helloTimeout?: number;
  readonly helloSize?: number;
}

/** No hello of a real client is longer than this without a reason. */
const smallestHelloLimit = 512;

const examples = `
Examples:
  sealift door --listen 0.0.0.0:443 --upstream 127.0.0.1:8443 --policy plan.yaml
  sealift door --listen 0.0.0.0:443 --upstream 127.0.0.1:8080 --cert chain.pem --key key.pem --http
`;

export function addDoor(program: Command, run: Runner): void {
  program
    .command('door')
    .description('read every ClientHello in front of another server, decide, remember')
    .requiredOption('--listen <host:port>', 'address to listen on')
    .requiredOption('--upstream <host:port>', 'the server behind the door')
    .option('--policy <policy>', 'a baseline, a policy file or a retirement plan', 'intermediate')
    .option(
      '--cert <file>',
      'certificate chain; without it TLS is passed through (repeatable: ECDSA and RSA)',
      collect,
    )
    .option('--key <file>', 'private key of the certificate, in the order of --cert', collect)
    .option('--client-ca <file>', 'demand a client certificate of this authority')
    .option('--http', 'the upstream speaks HTTP: adds Forwarded and notices, answers brownouts')
    .option('--proxy-protocol', 'tell the upstream the client by the PROXY protocol, version 2')
    .option(
      '--accept-proxy-protocol <network>',
      'a proxy in front that begins with the PROXY protocol (repeatable)',
      collect,
    )
    .option('--preview-listen <host:port>', 'a second listener that judges as of --preview-at')
    .option('--preview-at <date>', 'such as 2027-09-01')
    .option('--ledger <folder>', 'remember clients there; `sealift clients --data` reads it')
    .option(
      '--ledger-days <days>',
      'how long the ledger keeps what it saw',
      integerParser('--ledger-days', 1),
      defaultVaultConfig.ledger.keepDays,
    )
    .option('--metrics-listen <host:port>', 'serve Prometheus metrics there, over plain HTTP')
    .option('--ticket-keys <file>', 'share keys of session tickets with other doors')
    .option(
      '--hello-timeout <duration>',
      'until a ClientHello is complete (default: 10s)',
      durationParser('--hello-timeout'),
    )
    .option(
      '--hello-size <bytes>',
      'largest ClientHello that is read, e.g. 16K (default: 64K)',
      helloSizeOption,
    )
    .addHelpText('after', examples)
    .action(run(serve));
}

async function serve(context: Context, flags: DoorFlags): Promise<ExitCode> {
  const { out, say, signal } = context;
  const { connectionDocument, connectionText } = await import('../door/connection-line.ts');
  const { runDoor } = await import('../door/run-door.ts');
  const settings = settingsOf(flags);
  const ledger = await openLedger(context, flags);
  try {
    const front = await runDoor({
      ...settings,
      ledger,
      onRecord(record) {
        if (out.modes.json) out.json(connectionDocument(record));
        else out.detail(connectionText(record));
      },
      onProblem: (message) => out.warn(message),
    });
    const reload = (): void => void front.reload();
    process.on('SIGHUP', reload);
    const { door } = front;
    const address = addressText(door);
    const preview = door.preview && addressText(door.preview);
    if (out.modes.json) {
      const metrics = front.metricsUrl ?? null;
      out.json({ message_type: 'listening', address, preview: preview ?? null, metrics });
    } else {
      out.info(
        say(settings.certificate ? 'door.terminates' : 'door.passes', {
          address,
          upstream: flags.upstream,
        }),
      );
      if (preview !== undefined)
        out.info(say('door.preview', { address: preview, date: flags.previewAt ?? '' }));
    }
    await waitForInterrupt(signal);
    process.off('SIGHUP', reload);
    await front.close();
  } finally {
    await ledger?.close();
  }
  out.info(say('vault.stopped'));
  return exitCodeAfter(signal);
}

function settingsOf(flags: DoorFlags) {
  const { cert, key, clientCa } = flags;
  if (cert?.length !== key?.length) throw usageError('--cert and --key go together, in pairs');
  if (cert === undefined && (flags.http === true || clientCa !== undefined)) {
    throw usageError(
      '--http and --client-ca need --cert and --key',
      'Without a certificate the door passes TLS through.',
    );
  }
  if (flags.http === true && flags.proxyProtocol === true) {
    throw usageError('--http and --proxy-protocol exclude each other');
  }
  const ticketFile = flags.ticketKeys ?? (flags.ledger && join(flags.ledger, 'door-tickets.key'));
  return {
    listen: listenOption(flags.listen, '--listen'),
    upstream: parseHostPort(flags.upstream, { option: '--upstream', defaultPort: 443 }),
    preview: previewOf(flags),
    policy: flags.policy,
    metricsListen: metricsOption(flags.metricsListen),
    certificate: cert === undefined || key === undefined ? undefined : { cert, key, clientCa },
    speaks: flags.http === true ? ('http' as const) : ('stream' as const),
    proxyProtocol: flags.proxyProtocol === true,
    trustedProxies: (flags.acceptProxyProtocol ?? []).map(networkOf),
    ticketFile,
    limits: {
      ...(flags.helloTimeout !== undefined && { helloMs: flags.helloTimeout }),
      ...(flags.helloSize !== undefined && { helloBytes: flags.helloSize }),
    },
  };
}

function helloSizeOption(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes >= smallestHelloLimit) return bytes;
  throw usageError(`--hello-size takes a size from 512, such as 16K, not '${text}'`);
}

function previewOf({ previewListen, previewAt }: DoorFlags) {
  if (previewListen === undefined && previewAt === undefined) return undefined;
  if (previewListen === undefined || previewAt === undefined) {
    throw usageError('--preview-listen and --preview-at go together');
  }
  const atMs = parsePlanTime(previewAt);
  if (atMs === undefined) {
    throw usageError(`--preview-at takes a date such as 2027-09-01, not '${previewAt}'`);
  }
  return { listen: listenOption(previewListen, '--preview-listen'), atMs };
}

function metricsOption(text: string | undefined): ListenAddress | undefined {
  const address = text === undefined ? undefined : parseLocalListen(text);
  if (text !== undefined && address === undefined) {
    throw usageError(`--metrics-listen takes HOST:PORT, such as localhost:9464, not '${text}'`);
  }
  return address;
}

function listenOption(text: string, option: string): ListenAddress {
  const address = parseListen(text);
  if (address === undefined) throw usageError(`${option} takes HOST:PORT, not '${text}'`);
  return address;
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) {
    throw usageError(`--accept-proxy-protocol takes a network such as 10.0.0.0/8, not '${text}'`);
  }
  return network;
}

function addressText({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The vault's database, in a folder that need not be a vault's. */
async function openLedger(
  { out }: Context,
  { ledger: folder, ledgerDays: keepDays }: DoorFlags,
): Promise<Ledger | undefined> {
  if (folder === undefined) return undefined;
  const { openVaultDatabase } = await import('../../vault/database/database.ts');
  const { vaultPaths } = await import('../../vault/data-folder.ts');
  const { Ledger } = await import('../../vault/ledger/ledger.ts');
  await (await openVaultDatabase(folder)).destroy();
  return Ledger.open(vaultPaths(folder).database, {
    log: makeVaultLogger(out.modes, 'warn'),
    keepDays,
  });
}
