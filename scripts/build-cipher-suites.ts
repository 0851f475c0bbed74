/**
 * Writes src/tls/cipher-suite-table.ts from src/tls/cipher-suites.tsv, the copy of the registry that
 * people edit. Run it after a change of the data; a test holds the two together.
 *
 *   node scripts/build-cipher-suites.ts
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { renderCipherSuiteTable } from './cipher-suite-source.ts';

const source = new URL('../src/tls/cipher-suites.tsv', import.meta.url);
const target = new URL('../src/tls/cipher-suite-table.ts', import.meta.url);

writeFileSync(target, renderCipherSuiteTable(readFileSync(source, 'utf8')));
