import { statfs } from 'node:fs/promises';

/**
 * Linux's magic numbers (statfs(2)) of file systems that one kernel alone writes, so that its folders
 * are always what they hold. Left out, with good reason: NFS, SMB, 9P, FUSE and cluster file systems.
 */
const localFileSystems: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0xf2f52010, // F2FS
  0x3153464a, // JFS
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x7366746e, // NTFS (ntfs3)
  0x01021994, // tmpfs
  0x794c7630, // overlay, as containers have it
]);

/**
 * Whether a folder is on such a file system. False where it cannot be told: the numbers of other systems mean
 * other things or nothing.
 */
export async function isLocalFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    const { type } = await statfs(folder);
    return localFileSystems.has(type);
  } catch {
    return false;
  }
}
