/** Verdicts and findings for the TLS stacks that macOS brings. */

import type { Policy } from '../../tls/policy.ts';
import { tls12 } from '../../tls/versions.ts';
import type { Facts } from '../facts/facts.ts';
import { systemVersionFile } from '../facts/macos/macos-facts.ts';
import { macosLibressl, macosStacks } from '../stacks/macos.ts';
import { judgeStack } from './judge.ts';
import type { Finding, StackVerdict } from './verdict.ts';

export function judgeMacosStacks(facts: Facts, policy: Policy): StackVerdict[] {
  return stacksOf(facts).map(({ id, scenarios }) =>
    judgeStack(id, { scenarios, missing: [{ kind: 'program-sdk' }], assumed: [] }, policy),
  );
}

/** A macOS whose own stacks end below TLS 1.2, or whose curl does. */
export function macosFindings(facts: Facts): Finding[] {
  const stacks = stacksOf(facts);
  const version = facts.os?.version ?? '';
  const old = stacks.filter(({ scenarios }) =>
    scenarios.every(({ versions }) => !versions.some((one) => one >= tls12)),
  );
  const evidence = [{ name: 'ProductVersion', value: version, file: systemVersionFile }];
  const found: Finding[] = [];
  if (old.length > 0) {
    found.push({
      ...{ id: 'macos/too-old', severity: 'error', fields: { version }, evidence },
      ...{ stacks: old.map(({ id }) => id), sources: ['tlsStacks'], remedy: 'replace-macos' },
    });
  }
  if (stacks.length > 0 && old.length === 0 && macosLibressl(version) === undefined) {
    found.push({
      ...{ id: 'macos/old-openssl', severity: 'note', fields: { version }, evidence },
      ...{ stacks: [], sources: ['secureTransportPython'] },
    });
  }
  return found;
}

function stacksOf({ os }: Facts) {
  return os?.family === 'macos' ? macosStacks(os.version ?? '') : [];
}
