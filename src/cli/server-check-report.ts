/** What the check of a server found, line by line and as JSON. */

import { printable } from '../base/printable.ts';
import type { VersionAnswer } from '../doctor/explain/server/ask-version.ts';
import type { ServerCheck } from '../doctor/explain/server/check-server.ts';
import { observationsOfServer } from '../doctor/explain/server/observations.ts';
import { cipherSuiteName } from '../tls/cipher-suites.ts';
import { versionName } from '../tls/versions.ts';
import { renderObservation } from './explain-report.ts';
import type { Language } from './language.ts';
import { sayIn } from './texts/texts.ts';

export function renderServerCheck(check: ServerCheck, language: Language): string[] {
  const say = sayIn(language);
  const { host, port, reach, versions, handshake } = check;
  const address = reach.kind === 'open' && reach.address !== host ? reach.address : undefined;
  const lines = [say('explain.server', { server: `${host}:${port}`, address })];
  for (const { version, answer } of versions) {
    lines.push(`   ${versionName(version)}  ${renderAnswer(answer, language)}`);
  }
  const chain = handshake?.kind === 'done' ? handshake.chain : [];
  for (const { subject, issuer, validFrom, validTo, key } of chain) {
    const dates = { from: validFrom.slice(0, 10), until: validTo.slice(0, 10) };
    lines.push(printable(`   ${say('explain.certificate', { subject, issuer, ...dates, key })}`));
  }
  for (const observation of observationsOfServer(check)) {
    lines.push(`   ${renderObservation(observation, language)}`);
  }
  return lines;
}

function renderAnswer(answer: VersionAnswer, language: Language): string {
  const say = sayIn(language);
  switch (answer.kind) {
    case 'agreed':
      return say('explain.answered', { suite: cipherSuiteName(answer.cipherSuite) });
    case 'other':
      return say('explain.answeredOther', { version: versionName(answer.version) });
    case 'alert':
      return say('explain.refused', { alert: answer.alert, code: answer.code });
    case 'not-tls':
      return printable(say('explain.notTls', { start: answer.start }));
    case 'reset':
    case 'closed':
    case 'silent':
      return say(`explain.${answer.kind}`);
  }
}

/** The `server` part of the document of `--json`; field names are stable. */
export function serverCheckDocument(check: ServerCheck): object {
  const { host, port, addresses, reach, versions, handshake, clock, proxies, viaProxy } = check;
  return {
    ...{ host, port, addresses, reach },
    versions: versions.map(({ version, answer, certificateCount }) => ({
      version: versionName(version),
      answer: answer.kind,
      ...(answer.kind === 'agreed' ? { cipher_suite: cipherSuiteName(answer.cipherSuite) } : {}),
      ...(answer.kind === 'alert' ? { alert: answer.alert, alert_number: answer.code } : {}),
      ...(answer.kind === 'other' ? { answered: versionName(answer.version) } : {}),
      ...(answer.kind === 'not-tls' ? { start: answer.start } : {}),
      certificate_count: certificateCount,
    })),
    handshake,
    clock,
    proxies,
    ...(viaProxy === undefined ? {} : { via_proxy: viaProxy }),
  };
}
