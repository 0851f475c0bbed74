/** A folder that goes away when its test, or the suite whose `after` is given, ends. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function tempFolder(context: { after(cleanUp: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'sealift-test-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
