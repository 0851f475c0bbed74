import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBlobId, parseSnapshotId } from './ids.ts';
import { encodeSnapshot, parseSnapshot, type Snapshot, snapshotToJson } from './snapshot.ts';

const tree = parseBlobId('ac'.repeat(32));
const parent = parseSnapshotId('0b'.repeat(32));
const time = { ns: 1_700_000_000_120_000_000n, offsetMinutes: -210 };
const least: Snapshot = {
  time,
  tree,
  paths: ['/home'],
  hostname: '',
  username: '',
  uid: 0,
  gid: 0,
  excludes: [],
  tags: [],
  programVersion: '',
};
const most: Snapshot = {
  time,
  parent,
  tree,
  paths: ['/b', '/a <&>'],
  hostname: 'host',
  username: 'ann',
  uid: 1000,
  gid: 100,
  excludes: ['*.tmp'],
  tags: ['weekly', 'x'],
  original: parent,
  programVersion: 'sealift 0.1.0',
  summary: {
    backupStart: time,
    backupEnd: { ns: time.ns + 5n, offsetMinutes: 0 },
    filesNew: 1,
    filesChanged: 2,
    filesUnmodified: 3,
    dirsNew: 4,
    dirsChanged: 5,
    dirsUnmodified: 6,
    dataBlobs: 7,
    treeBlobs: 8,
    dataAdded: 9,
    dataAddedPacked: 10,
    totalFilesProcessed: 11,
    totalBytesProcessed: 0,
  },
};
const textOf = (snapshot: Snapshot): string => Buffer.from(encodeSnapshot(snapshot)).toString();

test('fields without a value are left out', () => {
  assert.equal(
    textOf(least),
    `{"time":"2023-11-14T18:43:20.12-03:30","tree":"${tree}","paths":["/home"]}`,
  );
});

test('all fields stand in restic’s order', () => {
  assert.equal(
    textOf(most),
    `{"time":"2023-11-14T18:43:20.12-03:30","parent":"${parent}","tree":"${tree}",` +
      '"paths":["/b","/a \\u003c\\u0026\\u003e"],"hostname":"host","username":"ann","uid":1000,' +
      `"gid":100,"excludes":["*.tmp"],"tags":["weekly","x"],"original":"${parent}",` +
      '"program_version":"sealift 0.1.0","summary":{' +
      '"backup_start":"2023-11-14T18:43:20.12-03:30","backup_end":"2023-11-14T22:13:20.120000005Z",' +
      '"files_new":1,"files_changed":2,"files_unmodified":3,"dirs_new":4,"dirs_changed":5,' +
      '"dirs_unmodified":6,"data_blobs":7,"tree_blobs":8,"data_added":9,"data_added_packed":10,' +
      '"total_files_processed":11,"total_bytes_processed":0}}',
  );
});

test('a snapshot reads back with its zone, and unknown fields are ignored', () => {
  for (const snapshot of [least, most]) {
    assert.deepEqual(parseSnapshot(encodeSnapshot(snapshot)), snapshot);
  }
  const labelled = textOf(most).replace('{', '{"label":"rustic","delete":{"x":[1]},');
  assert.deepEqual(parseSnapshot(Buffer.from(labelled)), most);
});

test('JSON output has restic’s field names, and the id both whole and short', () => {
  assert.deepEqual(snapshotToJson(least, parent), {
    time: '2023-11-14T18:43:20.12-03:30',
    tree,
    paths: ['/home'],
    id: parent,
    short_id: '0b0b0b0b',
  });
});

test('a malformed snapshot is refused', () => {
  const broken = ['', '[]', '{}', '{"tree":"abc"}', `{"tree":"${tree}","time":"now"}`];
  for (const text of [
    ...broken,
    `{"tree":"${tree}","paths":[1]}`,
    `{"tree":"${tree}","uid":"0"}`,
  ]) {
    assert.throws(() => parseSnapshot(Buffer.from(text)), { code: 'format/snapshot' }, text);
  }
});
