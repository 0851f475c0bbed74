/** Snapshots: a root tree and the facts of its backup. docs/format.md#snapshots */

import { formatTime } from '../base/time.ts';
import { encodeJsonString, encodeJsonStrings } from './go-json.ts';
import { type BlobId, parseBlobId, parseSnapshotId, type SnapshotId } from './ids.ts';
import { type JsonFields, parseJsonFields, type ZonedTime } from './json-fields.ts';

export type { ZonedTime } from './json-fields.ts';

const maxId = 2 ** 32 - 1;

export interface SnapshotSummary {
  readonly backupStart: ZonedTime;
  readonly backupEnd: ZonedTime;
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly filesUnmodified: number;
  readonly dirsNew: number;
  readonly dirsChanged: number;
  readonly dirsUnmodified: number;
  readonly dataBlobs: number;
  readonly treeBlobs: number;
  /** Bytes of new blobs before compression. */
  readonly dataAdded: number;
  /** Bytes of new blobs in the repository. */
  readonly dataAddedPacked: number;
  readonly totalFilesProcessed: number;
  readonly totalBytesProcessed: number;
}

export interface Snapshot {
  readonly time: ZonedTime;
  /** The snapshot whose metadata told which files changed. */
  readonly parent?: SnapshotId;
  readonly tree: BlobId;
  /** Absolute paths of the targets in the order given; byte strings. */
  readonly paths: readonly string[];
  readonly hostname: string;
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
  readonly excludes: readonly string[];
  readonly tags: readonly string[];
  /** The first version of this snapshot, if it was rewritten. */
  readonly original?: SnapshotId;
  readonly programVersion: string;
  readonly summary?: SnapshotSummary;
}

/** Stored names of the counters, in the order written. */
const counters = [
  ['files_new', 'filesNew'],
  ['files_changed', 'filesChanged'],
  ['files_unmodified', 'filesUnmodified'],
  ['dirs_new', 'dirsNew'],
  ['dirs_changed', 'dirsChanged'],
  ['dirs_unmodified', 'dirsUnmodified'],
  ['data_blobs', 'dataBlobs'],
  ['tree_blobs', 'treeBlobs'],
  ['data_added', 'dataAdded'],
  ['data_added_packed', 'dataAddedPacked'],
  ['total_files_processed', 'totalFilesProcessed'],
  ['total_bytes_processed', 'totalBytesProcessed'],
] as const satisfies readonly (readonly [string, keyof SnapshotSummary])[];

/** Plain JSON in restic's field order, without a newline at the end. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const members = [`"time":${encodeZonedTime(snapshot.time)}`];
  if (snapshot.parent !== undefined) members.push(`"parent":"${snapshot.parent}"`);
  members.push(`"tree":"${snapshot.tree}"`, `"paths":${encodeJsonStrings(snapshot.paths)}`);
  if (snapshot.hostname !== '') members.push(`"hostname":${encodeJsonString(snapshot.hostname)}`);
  if (snapshot.username !== '') members.push(`"username":${encodeJsonString(snapshot.username)}`);
  if (snapshot.uid !== 0) members.push(`"uid":${snapshot.uid}`);
  if (snapshot.gid !== 0) members.push(`"gid":${snapshot.gid}`);
  if (snapshot.excludes.length > 0) {
    members.push(`"excludes":${encodeJsonStrings(snapshot.excludes)}`);
  }
  if (snapshot.tags.length > 0) members.push(`"tags":${encodeJsonStrings(snapshot.tags)}`);
  if (snapshot.original !== undefined) members.push(`"original":"${snapshot.original}"`);
  if (snapshot.programVersion !== '') {
    members.push(`"program_version":${encodeJsonString(snapshot.programVersion)}`);
  }
  if (snapshot.summary !== undefined) members.push(`"summary":${encodeSummary(snapshot.summary)}`);
  return Buffer.from(`{${members.join(',')}}`);
}

/**
 * @param json the opened document; unknown members (rustic's) are ignored
 * @throws SealiftError `format/snapshot`
 */
export function parseSnapshot(json: Uint8Array): Snapshot {
  const fields = parseJsonFields(json, { code: 'format/snapshot', what: 'snapshot' });
  const summary = fields.object('summary');
  return {
    time: fields.time('time'),
    ...(fields.has('parent') ? { parent: fields.parse('parent', parseSnapshotId) } : {}),
    tree: fields.parse('tree', parseBlobId),
    paths: fields.strings('paths'),
    hostname: fields.string('hostname'),
    username: fields.string('username'),
    uid: fields.count('uid', maxId),
    gid: fields.count('gid', maxId),
    excludes: fields.strings('excludes'),
    tags: fields.strings('tags'),
    ...(fields.has('original') ? { original: fields.parse('original', parseSnapshotId) } : {}),
    programVersion: fields.string('program_version'),
    ...(summary === undefined ? {} : { summary: parseSummary(summary) }),
  };
}

/**
 * A snapshot under restic's field names, for `--json`; with `id` and `short_id` if an id is given.
 */
export function snapshotToJson(snapshot: Snapshot, id?: SnapshotId): Record<string, unknown> {
  // The stored form has the field names and omissions already, so the two cannot drift apart.
  const stored: Record<string, unknown> = JSON.parse(
    Buffer.from(encodeSnapshot(snapshot)).toString('utf8'),
  );
  return id === undefined ? stored : { ...stored, id, short_id: id.slice(0, 8) };
}

function encodeSummary(summary: SnapshotSummary): string {
  const members = [
    `"backup_start":${encodeZonedTime(summary.backupStart)}`,
    `"backup_end":${encodeZonedTime(summary.backupEnd)}`,
    ...counters.map(([stored, field]) => `"${stored}":${summary[field]}`),
  ];
  return `{${members.join(',')}}`;
}

function parseSummary(fields: JsonFields): SnapshotSummary {
  return {
    backupStart: fields.time('backup_start'),
    backupEnd: fields.time('backup_end'),
    filesNew: fields.count('files_new'),
    filesChanged: fields.count('files_changed'),
    filesUnmodified: fields.count('files_unmodified'),
    dirsNew: fields.count('dirs_new'),
    dirsChanged: fields.count('dirs_changed'),
    dirsUnmodified: fields.count('dirs_unmodified'),
    dataBlobs: fields.count('data_blobs'),
    treeBlobs: fields.count('tree_blobs'),
    dataAdded: fields.count('data_added'),
    dataAddedPacked: fields.count('data_added_packed'),
    totalFilesProcessed: fields.count('total_files_processed'),
    totalBytesProcessed: fields.count('total_bytes_processed'),
  };
}

function encodeZonedTime(time: ZonedTime): string {
  return `"${formatTime(time.ns, time.offsetMinutes)}"`;
}
