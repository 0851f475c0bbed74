/**
 * What `reg query` prints, as the operations of an export. Since Vista four spaces stand between name,
 * type and data, before that a tab. Titles and summaries are in the language of Windows and mean nothing.
 */

import type { RegOperation, RegText } from '../registry/reg-text.ts';
import type { RegistryValue } from '../registry/registry-value.ts';
import { registryTypes } from '../registry/registry-value.ts';

const keyLine = /^(HKEY_(?:LOCAL_MACHINE|CURRENT_USER|USERS|CLASSES_ROOT|CURRENT_CONFIG)\\.*)$/i;
const valueLine = /^(?: {4}|\t)(.*?)(?: {4}|\t)(REG_[A-Z_]+)(?:(?: {4}|\t)(.*))?$/;

export function parseRegQuery(text: string): RegText {
  const operations: RegOperation[] = [];
  let path: string | undefined;
  for (const [i, content] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    const key = keyLine.exec(content.trimEnd())?.[1];
    if (key !== undefined) {
      path = key.replace(/\\$/, '');
      operations.push({ kind: 'create-key', path, line });
      continue;
    }
    const [, name = '', type = '', data = ''] = valueLine.exec(content) ?? [];
    const value = path === undefined ? undefined : valueIn(name, type, data);
    if (path !== undefined && value !== undefined) {
      operations.push({ kind: 'set-value', path, value, line });
    }
  }
  return { version: 5, operations, problems: [] };
}

function valueIn(name: string, type: string, data: string): RegistryValue | undefined {
  const types: Readonly<Record<string, number>> = registryTypes;
  const number = types[type];
  if (number === undefined) return undefined;
  // "(Default)" is translated; brackets are what all languages keep.
  const own = /^[(<].*[)>]$/.test(name) ? '' : name;
  return { name: own, type: number, data: bytesOf(type, data) };
}

function bytesOf(type: string, data: string): Uint8Array {
  switch (type) {
    case 'REG_DWORD':
    case 'REG_QWORD': {
      const number = /^0x[0-9a-f]{1,16}$/i.test(data.trim()) ? BigInt(data.trim()) : undefined;
      if (number === undefined) return new Uint8Array();
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(number);
      return new Uint8Array(bytes.subarray(0, type === 'REG_DWORD' ? 4 : 8));
    }
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return utf16(`${data}\0`);
    case 'REG_MULTI_SZ':
      return utf16(`${data.replaceAll('\\0', '\0')}\0\0`);
    default:
      return new Uint8Array(Buffer.from(data.trim(), 'hex'));
  }
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}
