/** A process that sees one refused hello, says so, and stays: for the test that kills it. */

import { Ledger } from '../../src/vault/ledger/ledger.ts';
import { refused, silent } from './ledger.ts';

const ledger = await Ledger.open(process.argv[2] ?? '', { log: silent });
ledger.onVerdict(refused());
process.stdout.write('refused\n');
setInterval(() => undefined, 1000);
