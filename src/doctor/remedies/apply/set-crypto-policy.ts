/** The system-wide policy of Red Hat's family, by its own tool. */

import { runProgram } from '../../../base/run-program.ts';

/** @returns false when the tool is missing or refuses */
export async function setCryptoPolicy(name: string): Promise<boolean> {
  const options = { timeoutMs: 120_000 };
  const result = await runProgram('update-crypto-policies', ['--set', name], options).catch(
    () => undefined,
  );
  return result?.code === 0;
}
