/** For drawing nodes of trees. */

/** What each node has; everything else may be left out. */
export const requiredNodeKeys = [
  'name',
  'type',
  'mode',
  'mtime',
  'atime',
  'ctime',
  'uid',
  'gid',
  'user',
  'group',
  'inode',
  'deviceId',
  'size',
  'links',
  'device',
  'content',
  'error',
] as const;
