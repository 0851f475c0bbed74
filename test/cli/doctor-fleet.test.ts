import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { tls12Client, windowsMachine } from '../support/windows-machine.ts';

/** Facts of thirty machines, ten of them with TLS 1.2 disabled, and one with a hostile name. */
function makeFleet(t: { after(cleanUp: () => void): void }): string {
  const folder = join(tempFolder(t), 'fleet');
  mkdirSync(folder);
  const good = windowsMachine('2022');
  const bad = windowsMachine('2016', { keys: { [tls12Client]: { Enabled: 0 } } });
  for (let i = 0; i < 30; i += 1) {
    const facts = { ...(i % 3 === 0 ? bad : good), host: `host${String(i).padStart(2, '0')}` };
    writeFileSync(join(folder, `m${i}.json`), JSON.stringify(facts));
  }
  const host = '<img src=x onerror=alert(1)>"\u001b[31m';
  writeFileSync(join(folder, 'evil.json'), JSON.stringify({ ...bad, host }));
  return folder;
}

describe('sealift doctor FOLDER', () => {
  test('prints one page on which equal findings stand once and hostile names are text', async (t) => {
    const { code, stdout } = await runSealift(['doctor', makeFleet(t), '--format', 'html']);
    assert.equal(code, 1);
    assert.equal(stdout.match(/TLS 1\.2 is disabled for clients<\/h3>/g)?.length, 1);
    assert.match(stdout, /<summary>11 machines<\/summary>/);
    assert.match(stdout, /31 machines: 20 ready, 11 not ready, 0 unknown/);
    assert.match(stdout, /Switch TLS 1\.2 on/);
    assert.equal(stdout.match(/<tr>/g)?.length, 32);
    assert.match(stdout, /&lt;img src=x/);
    assert.doesNotMatch(stdout, /<img|<script|https?:\/\//);
    assert.ok(!stdout.includes('\u001b'));
  });

  test('the page is in the language that is asked for', async (t) => {
    const args = ['doctor', makeFleet(t), '--format', 'html', '--lang', 'zh-CN'];
    const { stdout } = await runSealift(args);
    assert.match(stdout, /<html lang="zh-CN">/);
    assert.match(stdout, /客户端的 TLS 1\.2 已禁用/);
  });

  test('the table, CSV, JSON and SARIF name every machine', async (t) => {
    const fleet = makeFleet(t);
    const read = async (...args: string[]) => (await runSealift(['doctor', fleet, ...args])).stdout;
    const text = await read();
    assert.match(text, /11 machines: .*host00, /);
    assert.equal(text.match(/^host\d\d /gm)?.length, 30);
    const csv = (await read('--format', 'csv')).split('\r\n');
    assert.equal(csv.filter((line) => line.startsWith('machine,')).length, 1);
    assert.equal(csv.filter((line) => /^host\d\d,.*,machine,/.test(line)).length, 30);
    const documents = (await read('--json')).trim().split('\n');
    assert.equal(documents.length, 31);
    const sarif = JSON.parse(await read('--format', 'sarif')) as {
      version: string;
      runs: {
        tool: { driver: { rules: { id: string }[] } };
        results: {
          ruleId: string;
          locations: { logicalLocations: { name?: string }[] }[];
        }[];
      }[];
    };
    assert.equal(sarif.version, '2.1.0');
    const [sarifRun] = sarif.runs;
    const rules = new Set(sarifRun?.tool.driver.rules.map(({ id }) => id));
    const disabled = sarifRun?.results.filter(({ ruleId }) => ruleId === 'schannel/tls12-disabled');
    assert.equal(disabled?.length, 11);
    assert.ok(sarifRun?.results.every(({ ruleId }) => rules.has(ruleId)));
  });

  test('a machine whose facts cannot be read is in every report', async (t) => {
    const fleet = makeFleet(t);
    writeFileSync(join(fleet, 'next year#.json'), '{"schema":"sealift-facts","version":9}');
    const read = async (...args: string[]) => (await runSealift(['doctor', fleet, ...args])).stdout;
    assert.match(await read(), /32 machines: 20 ready, 11 not ready, 1 unknown/);
    const page = await read('--format', 'html');
    assert.match(page, /<tr><th scope="row">next year#\.json<\/th>/);
    assert.match(page, /facts of version 9; this Sealift reads up to 1/);
    const csv = (await read('--format', 'csv')).split('\r\n');
    assert.equal(
      csv.filter((line) => /^"next year#\.json",.*facts\/not-read/.test(line)).length,
      1,
    );
    const documents = (await read('--json')).trim().split('\n');
    assert.equal(JSON.parse(documents.at(-1) ?? '').findings[0].id, 'facts/not-read');
    const [run] = JSON.parse(await read('--format', 'sarif')).runs;
    const result = run.results.find(
      ({ ruleId }: { ruleId: string }) => ruleId === 'facts/not-read',
    );
    const { uri } = result.locations[0].physicalLocation.artifactLocation;
    assert.match(uri, /next%20year%23\.json$/);
    for (const { shortDescription } of run.tool.driver.rules) {
      assert.doesNotMatch(shortDescription.text, /[{}]/);
    }
  });
});
