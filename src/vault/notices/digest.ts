/** One message to one owner: what its clients still use that will end, as data and as text. */

import type { NoticesTable } from '../database/notice-tables.ts';
import type { NoticesConfig } from './notice-config.ts';

export type Urgency = 'digest' | 'alarm';

/** The webhook's JSON, and what the e-mail is written from. Times are RFC 3339 in UTC. */
export interface Digest {
  /** The same for every attempt to send it. */
  readonly id: string;
  readonly type: 'sealift.retirement' | 'sealift.downgrade';
  readonly vault: string;
  readonly owner: string;
  readonly created: string;
  readonly clients: readonly DigestClient[];
}

export interface DigestClient {
  /** Null: clients that nobody knows by name. */
  readonly name: string | null;
  readonly items: readonly DigestItem[];
}

export interface DigestItem {
  /** `tls1.0`, `cbc` …, or `ratchet`. */
  readonly topic: string;
  readonly phase: string;
  readonly connections: number;
  readonly address: string;
  readonly first_seen: string;
  readonly last_seen: string;
  /** When the client is refused for good; null while no date is set. */
  readonly enforced: string | null;
  readonly link: string | null;
}

/** @param notices of this owner's clients; at least one */
export function makeDigest(
  notices: readonly NoticesTable[],
  about: { id: string; urgency: Urgency; vault: string; owner: string; nowMs: number },
): Digest {
  const byClient = Map.groupBy(notices, ({ client }) => client);
  return {
    id: about.id,
    type: about.urgency === 'alarm' ? 'sealift.downgrade' : 'sealift.retirement',
    vault: about.vault,
    owner: about.owner,
    created: timeText(about.nowMs),
    clients: [...byClient].map(([name, rows]) => ({
      name: name === '' ? null : name,
      items: rows.map((row) => ({
        topic: row.topic,
        phase: row.phase,
        connections: row.count,
        address: row.address,
        first_seen: timeText(row.first_ms),
        last_seen: timeText(row.last_ms),
        enforced: row.enforce_ms === null ? null : timeText(row.enforce_ms),
        link: row.link,
      })),
    })),
  };
}

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

export function digestLetter(digest: Digest, language: NoticesConfig['language']): Letter {
  const words = language === 'zh-CN' ? chinese : english;
  const isAlarm = digest.type === 'sealift.downgrade';
  const intro = isAlarm ? words.alarmIntro : words.intro;
  const blocks = digest.clients.map(({ name, items }) =>
    [name ?? words.unknown, ...items.map((item) => `  - ${words.item(item)}`)].join('\n'),
  );
  return {
    subject: (isAlarm ? words.alarmSubject : words.subject)(digest.vault, digest.clients.length),
    text: [intro(digest.vault), ...blocks, words.end].join('\n\n').concat('\n'),
  };
}

interface Words {
  subject(vault: string, clients: number): string;
  alarmSubject(vault: string, clients: number): string;
  intro(vault: string): string;
  alarmIntro(vault: string): string;
  item(item: DigestItem): string;
  readonly unknown: string;
  readonly end: string;
}

const english: Words = {
  subject: (vault, clients) =>
    `Backup vault ${vault}: ${clients} ${clients === 1 ? 'client uses' : 'clients use'} TLS that will end`,
  alarmSubject: (vault, clients) =>
    `Backup vault ${vault}: suspected TLS downgrade of ${clients} ${clients === 1 ? 'client' : 'clients'}`,
  intro: (vault) =>
    `These clients of the backup vault ${vault} still use transport security that it stops speaking. Their backups fail from the date given on, unless they are updated.`,
  alarmIntro: (vault) =>
    `These clients have proved TLS 1.3 to the backup vault ${vault} before, and then came with less. They were refused: somebody between them and the vault may hold back the better version, or the machine was set back.\nIf that is meant to be, the vault's operator releases the client: sealift vault ratchet release NAME --reason TEXT`,
  item: ({ topic, phase, connections, address, last_seen, enforced, link }) =>
    topic === 'ratchet'
      ? `${phase} after TLS 1.3, ${connections} times, last at ${last_seen} from ${address}`
      : [
          `${topic}: ${connections} connections, last at ${last_seen} from ${address};`,
          enforced === null ? `phase ${phase}, no date is set` : `refused from ${enforced} on`,
          link === null ? '' : `(${link})`,
        ]
          .join(' ')
          .trim(),
  unknown: 'clients without a login or certificate',
  end: 'You get at most one such message per period, for as long as it goes on. Whom it goes to stands in the section notices of vault.yaml.',
};

const chinese: Words = {
  subject: (vault, clients) => `备份保管库 ${vault}：${clients} 个客户端使用即将停用的 TLS`,
  alarmSubject: (vault, clients) => `备份保管库 ${vault}：${clients} 个客户端疑似遭 TLS 降级`,
  intro: (vault) =>
    `备份保管库 ${vault} 的下列客户端仍在使用即将停用的传输安全机制。若不更新，自所列日期起其备份将失败。`,
  alarmIntro: (vault) =>
    `下列客户端此前已向备份保管库 ${vault} 证明支持 TLS 1.3，之后却使用更低的版本，因此被拒绝：可能有人在中途阻止了更高版本，或者该机器被回退。\n如属正常，请保管库管理员解除：sealift vault ratchet release NAME --reason TEXT`,
  item: ({ topic, phase, connections, address, last_seen, enforced, link }) =>
    topic === 'ratchet'
      ? `曾用 TLS 1.3，后用 ${phase}，共 ${connections} 次，最近一次 ${last_seen}，来自 ${address}`
      : [
          `${topic}：${connections} 次连接，最近一次 ${last_seen}，来自 ${address}；`,
          enforced === null ? `阶段 ${phase}，尚未定期限` : `自 ${enforced} 起拒绝`,
          link === null ? '' : `（${link}）`,
        ].join(''),
  unknown: '没有登录名或证书的客户端',
  end: '在问题解决之前，每个周期您会收到一封此类邮件。收件人见 vault.yaml 的 notices 一节。',
};

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
