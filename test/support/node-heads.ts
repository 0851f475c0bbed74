import { splitTime } from '../../src/base/time.ts';
import type { NodeHeadNumbers, WholeNumber } from '../../src/repository/node-head.ts';
import { encodeOwner, type TreeNode } from '../../src/repository/tree.ts';

/** What an entry that this node describes would tell of itself. */
export function headOf(node: TreeNode): NodeHeadNumbers {
  return {
    name: node.name,
    type: node.type,
    mode: node.mode,
    mtime: splitTime(node.mtime),
    atime: splitTime(node.atime),
    ctime: splitTime(node.ctime),
    owner: Buffer.from(encodeOwner(node)),
    inode: wholeNumber(node.inode),
    deviceId: wholeNumber(node.deviceId),
    size: wholeNumber(node.size),
    links: wholeNumber(node.links),
  };
}

function wholeNumber(value: bigint): WholeNumber {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
