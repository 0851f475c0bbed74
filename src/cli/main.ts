/**
 * The start of every command. Compiled code is kept for the next start, which takes half the time
 * then; in a folder of the user's own, since whoever can write there decides what runs.
 */

import { enableCompileCache } from 'node:module';
import { codeCacheFolder } from './config-folder.ts';

enableCompileCache(codeCacheFolder(process.env));
await import('./command-line.ts');
