/** The process of door-process.ts. */

import { createDoor } from '../../src/door/door.ts';
import type { DoorLimits } from '../../src/door/limits.ts';
import { getBaseline } from '../../src/tls/baselines.ts';
import { echo, helloReading, judgeOf, planOf, testIdentity } from './door.ts';

const limits = JSON.parse(process.argv[2] ?? '{}') as Partial<DoorLimits>;
const { cert, key } = await testIdentity('ecdsa-p256');
const ended: Record<string, number> = {};
const door = await createDoor({
  listen: { host: '127.0.0.1', port: 0 },
  judge: judgeOf(planOf(getBaseline('intermediate'))),
  limits,
  helloReading,
  observer: {
    onEnd({ outcome, reason }) {
      const name = reason ?? outcome;
      ended[name] = (ended[name] ?? 0) + 1;
    },
  },
  serve: { kind: 'terminate', secureContextOptions: () => ({ cert, key }), onSecure: echo },
});
process.on('message', () => {
  const { halfOpenCount: halfOpen, openCount: open } = door;
  process.send?.({ halfOpen, open, rss: process.memoryUsage().rss, ended });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: door.port });
