/** Exemptions have no name of their own in a plan: what they say is hashed. */

import { createHash } from 'node:crypto';
import type { Exemption } from '../../../tls/retirement/plan.ts';

export function exemptionIdOf({ client, capability, reason, untilMs }: Exemption): string {
  const text = JSON.stringify([client, capability, reason, untilMs]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
