/** The retirement plan of the demonstration, with dates counted from its last day. */

const dayMs = 86_400_000;

export function demoPlan(endMs: number): string {
  const on = (days: number): string => new Date(endMs + days * dayMs).toISOString().slice(0, 10);
  return `name: modern TLS for every backup
policy: old
retirements:
  - capability: tls1.0
    observe: ${on(-365)}
    warn: ${on(-250)}
    brownout: ${on(-100)}
    enforce: ${on(-40)}
    windows:
      - {cron: "0 9 * * 2", timeZone: UTC, duration: 2h, answer: http, until: ${on(-70)}}
      - {cron: "0 9 * * 2", timeZone: UTC, duration: 6h, answer: alert, from: ${on(-70)}}
  - capability: tls1.1
    observe: ${on(-365)}
    warn: ${on(-160)}
    brownout: ${on(-14)}
    enforce: ${on(24)}
    windows:
      - {cron: "0 9 * * 2,4", timeZone: UTC, duration: 3h, answer: http}
  - capability: cbc
    observe: ${on(-200)}
    warn: ${on(-30)}
    brownout: ${on(60)}
    enforce: ${on(120)}
    windows:
      - {cron: "0 10 * * 3", timeZone: UTC, duration: 2h, answer: http}
  - capability: no-pq
    observe: ${on(-90)}
    warn: ${on(150)}
    brownout: ${on(300)}
    enforce: ${on(420)}
    windows:
      - {cron: "0 10 * * 3", timeZone: UTC, duration: 2h, answer: http}
`;
}

/** @param client a machine that still needs TLS 1.0 */
export function demoExemption(client: string, endMs: number): string {
  const until = new Date(endMs + 18 * dayMs).toISOString().slice(0, 10);
  return `exemptions:
  - client: ${client}
    capability: tls1.0
    reason: the maker's update is tested this month
    until: ${until}
`;
}
