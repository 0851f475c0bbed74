import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { capabilities } from './capabilities.ts';
import { noticeHeaders, parseNoticeHeaders } from './notice-headers.ts';
import { noticeText, softRefusalText } from './notice-text.ts';
import { phases } from './phase.ts';
import type { Notice } from './verdict.ts';

const warnMs = Date.UTC(2027, 2, 1);
const enforceMs = Date.UTC(2027, 8, 1);
const notice: Notice = {
  ...{ capability: 'tls1.0', phase: 'warn', warnMs, enforceMs },
  ...{ link: 'https://backup.example.org/tls', brownout: undefined, exemptUntilMs: undefined },
};

function lowerCase(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

test('the headers are those of RFC 9745 and RFC 8594, and no cache may share them', () => {
  assert.deepEqual(noticeHeaders([notice]), {
    Deprecation: '@1803859200',
    Sunset: 'Wed, 01 Sep 2027 00:00:00 GMT',
    Link: '<https://backup.example.org/tls>; rel="deprecation"; type="text/html", <https://backup.example.org/tls>; rel="sunset"; type="text/html"',
    'Sealift-Notice':
      '"tls1.0";phase=warn;enforce=@1819756800;link="https://backup.example.org/tls"',
    'Cache-Control': 'private',
  });
});

test('a client that has nothing to hear gets no header', () => {
  assert.deepEqual(noticeHeaders([]), {});
  assert.equal(
    parseNoticeHeaders({ 'cache-control': 'private', link: '<https://a/>; rel=next' }),
    undefined,
  );
});

test('of several notices the first warning and the first end count', () => {
  const later: Notice = {
    ...notice,
    capability: 'cbc',
    warnMs: warnMs + 1000,
    enforceMs: undefined,
  };
  const headers = noticeHeaders([later, notice]);
  assert.equal(headers.Deprecation, '@1803859200');
  assert.equal(headers.Sunset, 'Wed, 01 Sep 2027 00:00:00 GMT');
});

test('the agent reads back what the vault said', () => {
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((value) => value * 1000);
  const any: fc.Arbitrary<Notice> = fc.record({
    capability: fc.constantFrom(...capabilities),
    phase: fc.constantFrom(...phases),
    warnMs: seconds,
    enforceMs: fc.option(seconds, { nil: undefined }),
    link: fc.option(fc.webUrl({ withFragments: true, withQueryParameters: true }), {
      nil: undefined,
    }),
    brownout: fc.constant(undefined),
    exemptUntilMs: fc.constant(undefined),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), (notices) => {
      const read = parseNoticeHeaders(lowerCase(noticeHeaders(notices)));
      assert.deepEqual(
        read?.notices,
        notices.map(({ capability, phase, enforceMs: end, link }) => ({
          ...{ capability, phase, enforceMs: end, link },
        })),
      );
    }),
  );
});

test("another server's headers are read too, and nonsense is not there", () => {
  const read = parseNoticeHeaders({
    deprecation: '@1688169599',
    sunset: 'Sun, 30 Jun 2024 23:59:59 GMT',
    link: '<https://developer.example.com/deprecation>; rel="deprecation"; type="text/html"',
  });
  assert.deepEqual(read, {
    notices: [],
    deprecationMs: 1_688_169_599_000,
    sunsetMs: Date.UTC(2024, 5, 30, 23, 59, 59),
    link: 'https://developer.example.com/deprecation',
  });
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      parseNoticeHeaders({ deprecation: text, sunset: text, link: text, 'sealift-notice': [text] });
    }),
  );
});

test('the sentence of a brownout says what ends, when, and what to do', () => {
  const now: Notice = { ...notice, phase: 'brownout', brownout: 'http' };
  const other: Notice = { ...notice, capability: 'sha1' };
  assert.equal(
    softRefusalText([now, other]),
    'This connection is refused on purpose, as a rehearsal of what comes. This client uses TLS 1.0, which will be refused for good from 2027-09-01 UTC: change it to TLS 1.2 or newer. See https://backup.example.org/tls The same request works again after this window.',
  );
  assert.equal(
    softRefusalText([now], 'zh-CN'),
    '此连接被有意拒绝，以演练即将发生的变化。此客户端使用TLS 1.0，它自 2027-09-01 UTC 起将被永久拒绝：请改用TLS 1.2 或更高版本。详见 https://backup.example.org/tls 。本时段结束后，同样的请求将恢复正常。',
  );
  assert.match(noticeText({ ...notice, enforceMs: undefined }), /which is being retired/);
});
