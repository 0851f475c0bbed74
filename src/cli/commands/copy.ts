/** `sealift copy`: brings snapshots of another repository into this one. */

import type { Command } from 'commander';
import type { SealiftError } from '../../base/errors.ts';
import { formatSize } from '../../base/units.ts';
import {
  type CopyOptions,
  type CopyPlan,
  type CopyProgress,
  copySnapshots,
  planCopy,
} from '../../engine/copy.ts';
import type { IndexedRepository } from '../../engine/open.ts';
import {
  compareSnapshots,
  type FoundSnapshot,
  findSnapshot,
  listSnapshots,
} from '../../engine/snapshots.ts';
import type { Context } from '../context.ts';
import { addFromOptions, type FromFlags, sourceContext } from '../from-repository.ts';
import { localTime } from '../local-time.ts';
import { withIndex } from '../open-repository.ts';
import { Throttle } from '../progress.ts';
import type { Runner } from '../runner.ts';
import { compressionOf, packSizeOf } from '../seal-options.ts';
import { addFilterOptions, type FilterFlags, filterOf } from './snapshot-filter.ts';

type CopyFlags = FromFlags & FilterFlags;

export function addCopy(program: Command, run: Runner): void {
  const command = program
    .command('copy')
    .description('copy snapshots from another repository into this one')
    .addHelpText('before', 'Example:  sealift -r /mnt/usb copy --from-repo sealift:vault\n')
    .argument('[snapshot...]', 'only these of the source repository');
  addFilterOptions(addFromOptions(command)).action(run(copy));
}

async function copy(
  context: Context,
  flags: CopyFlags,
  named: readonly string[],
): Promise<undefined> {
  const from = sourceContext(context, flags);
  await withIndex(
    from,
    { lock: 'read', passwordQuestion: 'password.enterSource' },
    (source, signal) =>
      withIndex({ ...context, signal }, { lock: 'append' }, (target, both) =>
        copyBetween({ ...context, signal: both }, { source, target }, flags, named),
      ),
  );
}

interface Repositories {
  readonly source: IndexedRepository;
  readonly target: IndexedRepository;
}

async function copyBetween(
  context: Context,
  { source, target }: Repositories,
  flags: CopyFlags,
  named: readonly string[],
): Promise<void> {
  const { out, say, signal } = context;
  const { snapshots, damaged } = await chooseSnapshots(context, source, flags, named);
  const there = await listSnapshots(target, {}, { signal, onError: warner(context) });
  const plan = planCopy(snapshots, there);
  printPresent(context, plan);
  const differs = source.config.chunkerPolynomial !== target.config.chunkerPolynomial;
  if (differs && plan.missing.length > 0) out.info(say('copy.otherChunks'));
  const done = await copySnapshots(source, target, plan.missing, copyOptions(context), signal);
  out.status([]);
  printSummary(context, plan, done);
  const [first] = damaged;
  if (first !== undefined) throw first;
}

/** A damaged snapshot keeps no other from being copied; it is told, and the command fails in the end. */
async function chooseSnapshots(
  context: Context,
  source: IndexedRepository,
  flags: CopyFlags,
  named: readonly string[],
): Promise<{ snapshots: FoundSnapshot[]; damaged: readonly SealiftError[] }> {
  const { signal } = context;
  const filter = filterOf(flags);
  const damaged: SealiftError[] = [];
  if (named.length === 0) {
    const warn = warner(context);
    const onError = (error: SealiftError): void => {
      warn(error);
      damaged.push(error);
    };
    return { snapshots: await listSnapshots(source, filter, { signal, onError }), damaged };
  }
  const found = new Map<string, FoundSnapshot>();
  for (const name of named) {
    const { id, snapshot } = await findSnapshot(source, name, filter, { signal });
    found.set(id, { id, snapshot });
  }
  return { snapshots: [...found.values()].sort(compareSnapshots), damaged };
}

function warner({ out, explain }: Context): (error: unknown) => void {
  return (error) => out.warn(explain(error));
}

function copyOptions(context: Context): CopyOptions {
  const { out, say } = context;
  const compression = compressionOf(context);
  const throttle = new Throttle(100);
  return {
    compression,
    packSizeBytes: packSizeOf(context),
    recompresses: compression === 'better' || compression === 'max',
    onProgress: (progress) => {
      if (throttle.due()) out.status([say('copy.progress', progressValues(progress))]);
    },
    onSnapshot: (source, targetId) => {
      if (out.modes.json) {
        out.json({ message_type: 'snapshot_copied', source_id: source.id, id: targetId });
      } else out.info(say('copy.saved', { ...labels(source), id: targetId.slice(0, 8) }));
    },
  };
}

function progressValues({ snapshotsDone, snapshotsTotal, ...progress }: CopyProgress) {
  return {
    done: snapshotsDone,
    total: snapshotsTotal,
    size: `${formatSize(progress.bytesDone)} / ${formatSize(progress.bytesTotal)}`,
  };
}

function labels({ id, snapshot }: FoundSnapshot): { source: string; paths: string; time: string } {
  const paths = snapshot.paths.join(', ');
  return { source: id.slice(0, 8), paths, time: localTime(snapshot.time.ns) };
}

function printPresent({ out, say }: Context, { present }: CopyPlan): void {
  for (const { source, targetId } of present) {
    if (out.modes.json) {
      out.json({ message_type: 'snapshot_skipped', source_id: source.id, id: targetId });
    } else out.detail(say('copy.skipped', { ...labels(source), id: targetId.slice(0, 8) }));
  }
}

function printSummary({ out, say }: Context, { present }: CopyPlan, done: CopyProgress): void {
  if (out.modes.json) {
    out.json({
      message_type: 'summary',
      snapshots_copied: done.snapshotsDone,
      snapshots_skipped: present.length,
      blobs_copied: done.blobsDone,
      bytes_copied: done.bytesDone,
    });
    return;
  }
  const values = {
    count: done.snapshotsDone,
    skipped: present.length,
    blobs: done.blobsDone,
    size: formatSize(done.bytesDone),
  };
  out.info(say('copy.summary', values));
}
