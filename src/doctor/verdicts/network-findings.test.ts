import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsOfReg, machineReg, windowsMachine } from '../../../test/support/windows-machine.ts';
import { diagnose } from '../doctor.ts';
import { type Facts, makeFacts } from '../facts/facts.ts';
import { withoutPassword } from '../facts/linux/proxies.ts';
import { remediesFor } from '../remedies/remedies.ts';

const internet = 'Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const minuteMs = 60_000;

function find(facts: Facts, id: string) {
  return diagnose(facts).findings.find((finding) => finding.id === id);
}

function withSkew(skewMs: number): Facts {
  const source = { file: 'HTTP Date' };
  return makeFacts({
    os: { family: 'linux' },
    clock: { skewMs, server: 'vault.example:8443', source },
  });
}

test('a clock is judged by how far it is off', () => {
  for (const skewMs of [0, 4 * minuteMs, -5 * minuteMs]) {
    const ids = diagnose(withSkew(skewMs)).findings.map(({ id }) => id);
    assert.ok(!ids.some((id) => id.startsWith('clock/')), String(skewMs));
  }
  assert.equal(find(withSkew(6 * minuteMs), 'clock/ahead')?.severity, 'warning');
  const behind = find(withSkew(-50 * 60 * minuteMs), 'clock/behind');
  assert.equal(behind?.severity, 'error');
  assert.deepEqual(behind.evidence, [
    { name: 'vault.example:8443', value: '-2 d 2 h', file: 'HTTP Date' },
  ]);
});

test('the remedy of a clock is by hand, by the tool of its system', () => {
  const facts = withSkew(60 * minuteMs);
  const [remedy] = remediesFor(facts, diagnose(facts).findings);
  assert.equal(remedy?.text, 'clock-linux');
  assert.ok(remedy.byHand);
});

/** As `netsh winhttp set proxy` writes it. */
function winHttpLine(server: string): string {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(0x28, 0);
  head.writeUInt32LE(3, 8);
  head.writeUInt32LE(server.length, 12);
  const bytes = Buffer.concat([head, Buffer.from(server), Buffer.alloc(4)]);
  const hex = bytes.toString('hex').match(/../g) ?? [];
  return `"WinHttpSettings"=hex:${hex.join(',')}`;
}

test("WinHTTP's proxy is read from the value that netsh writes", () => {
  const key = `[HKEY_LOCAL_MACHINE\\${internet.replace('Software', 'SOFTWARE')}\\Connections]`;
  const lines = ['', key, winHttpLine('proxy.example:3128'), ''].join('\r\n');
  const facts = factsOfReg(machineReg('2016') + lines);
  const finding = find(facts, 'proxy/winhttp');
  assert.equal(finding?.fields['server'], 'proxy.example:3128');
  assert.deepEqual(finding.stacks, ['winhttp-64', 'winhttp-32']);
});

test('the proxy of each kind of program is told with where it was read', () => {
  const facts = windowsMachine('2012 R2', {
    keys: {
      [`HKU\\.DEFAULT\\${internet}`]: { ProxyEnable: 1, ProxyServer: 'services.example:8080' },
      [`HKCU\\${internet}`]: { AutoConfigURL: 'http://wpad.example/proxy.pac' },
    },
  });
  const services = find(facts, 'proxy/services');
  assert.equal(services?.severity, 'note');
  assert.equal(services.fields['server'], 'services.example:8080');
  assert.equal(services.evidence[0]?.file, 'machine.reg');
  assert.ok((services.evidence[0]?.line ?? 0) > 1);
  assert.equal(find(facts, 'proxy/person')?.fields['server'], 'http://wpad.example/proxy.pac');
});

test('a proxy that is set and switched off is none', () => {
  const facts = windowsMachine('2012 R2', {
    keys: { [`HKU\\.DEFAULT\\${internet}`]: { ProxyEnable: 0, ProxyServer: 'old.example:8080' } },
  });
  assert.equal(find(facts, 'proxy/services'), undefined);
});

test('a backup program on the way through a proxy makes it a warning', () => {
  const proxies = [
    { scope: 'wininet', account: 'system', server: 'p:8080', enabled: true },
    { scope: 'winhttp', server: 'q:8080', enabled: true },
  ] as const;
  const agents = [{ kind: 'azure-backup' as const }];
  const mars = makeFacts({ os: { family: 'windows' }, proxies: [...proxies], agents });
  assert.equal(find(mars, 'proxy/services')?.severity, 'warning');
  // The agent does not go by WinHTTP's.
  assert.equal(find(mars, 'proxy/winhttp')?.severity, 'note');
});

test('several variables of the environment are one finding', () => {
  const entry = { scope: 'environment', server: 'http://p:3128', enabled: true } as const;
  const facts = makeFacts({
    os: { family: 'linux' },
    proxies: [
      { ...entry, source: { file: 'https_proxy' } },
      { ...entry, source: { file: 'HTTPS_PROXY' } },
    ],
  });
  const finding = find(facts, 'proxy/environment');
  assert.equal(finding?.fields['server'], 'http://p:3128');
  assert.deepEqual(
    finding.evidence.map(({ file }) => file),
    ['https_proxy', 'HTTPS_PROXY'],
  );
});

test('names and passwords in the addresses of proxies are left out', () => {
  assert.equal(withoutPassword('http://u:p=w@p.example:3128/'), 'http://p.example:3128/');
  assert.equal(withoutPassword('http=u:p@a:80;https=b:81'), 'http=a:80;https=b:81');
  assert.equal(withoutPassword('u:p@ss@host:8080'), 'host:8080');
  assert.equal(withoutPassword('http://wpad/x@y.pac'), 'http://wpad/x@y.pac');
});
