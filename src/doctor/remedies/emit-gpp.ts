/**
 * Operations as a Group Policy preference, `Preferences\Registry\Registry.xml` of a policy object.
 * Source: [MS-GPPREF] 2.2.1.11, the elements RegistrySettings, Registry and Properties.
 */

import { createHash } from 'node:crypto';
import { toRegistryValue } from './emit-reg.ts';
import type { Operation, ValueData } from './operations.ts';

const settingsClass = '{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}';
const registryClass = '{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}';
const hives: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKCU: 'HKEY_CURRENT_USER',
  HKU: 'HKEY_USERS',
};
/** What XML 1.0 cannot say, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const notXml = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]/u;

export interface PreferenceOptions {
  /** Written as the time of the last change, which an editor of policies shows. */
  readonly nowMs: number;
  readonly comments?: readonly string[];
}

/** HKCU belongs to the user side of a policy, the rest to the computer side. */
export function ofUser({ path }: Operation): boolean {
  return path.startsWith('HKCU\\');
}

/** What a preference cannot say stands as a comment. */
export function emitGpp(
  operations: readonly Operation[],
  { nowMs, comments = [] }: PreferenceOptions,
): string {
  const changed = new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ');
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    ...comments.map(comment),
    `<RegistrySettings clsid="${settingsClass}">`,
    ...operations.map((operation) => elementOf(operation, changed)),
    '</RegistrySettings>',
    '',
  ].join('\r\n');
}

function elementOf(operation: Operation, changed: string): string {
  const { path, kind } = operation;
  const name = 'name' in operation ? operation.name : '';
  const [root = '', ...rest] = path.split('\\');
  const content = kind === 'set' ? contentOf(operation.value) : { type: '', value: '', list: [] };
  const texts = [path, name, content?.value ?? '', ...(content?.list ?? [])];
  if (kind === 'unknown' || content === undefined || texts.some((text) => notXml.test(text))) {
    const why = kind === 'unknown' ? 'what stood there is unknown' : 'set by hand';
    return comment(`${path}\\${name}: ${why}`);
  }
  const isKey = kind === 'delete-key';
  const properties = attributes({
    ...{ action: kind === 'set' ? 'U' : 'D', displayDecimal: '0' },
    // An empty name is the default value only with this mark; else it means the key itself.
    ...{ default: !isKey && name === '' ? '1' : '0', hive: hives[root] ?? root },
    ...{ key: rest.join('\\'), name, type: content.type, value: content.value },
  });
  const label = attributes({
    ...{ clsid: registryClass, name: isKey ? (rest.at(-1) ?? '') : name || '(Default)' },
    ...{ status: name || path, image: kind === 'set' ? '12' : '13', changed },
    ...{ uid: stableId(`${kind} ${path}\n${name}`) },
  });
  const values = content.list.map((text) => `<Value>${escapeXml(text)}</Value>`);
  const inner =
    values.length === 0
      ? `<Properties ${properties}/>`
      : `<Properties ${properties}><Values>${values.join('')}</Values></Properties>`;
  return `  <Registry ${label}>${inner}</Registry>`;
}

interface Content {
  readonly type: string;
  readonly value: string;
  readonly list: readonly string[];
}

/** undefined for what a preference cannot write. */
function contentOf(value: ValueData): Content | undefined {
  const { type, data } = value;
  if (type === 'REG_DWORD' && typeof data === 'number') {
    return { type, value: data.toString(16).toUpperCase().padStart(8, '0'), list: [] };
  }
  if ((type === 'REG_SZ' || type === 'REG_EXPAND_SZ') && typeof data === 'string') {
    return { type, value: data, list: [] };
  }
  if (type === 'REG_MULTI_SZ' && Array.isArray(data)) {
    return { type, value: data.join(' '), list: data };
  }
  if (type !== 'REG_BINARY') return undefined;
  const hex = Buffer.from(toRegistryValue('', value).data).toString('hex').toUpperCase();
  return { type, value: hex, list: [] };
}

/** The same for the same place each time, so that a policy that is replaced keeps its entries. */
function stableId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').toUpperCase();
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `{${parts.join('-')}-${hex.slice(20, 32)}}`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(value)}"`)
    .join(' ');
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Two hyphens would end a comment. */
function comment(text: string): string {
  const safe = text.replace(/\p{Cc}/gu, ' ').replace(new RegExp(notXml, 'gu'), '?');
  return `<!-- ${escapeXml(safe)
    .replace(/-(?=-)/g, '- ')
    .replace(/-$/, '- ')} -->`;
}
