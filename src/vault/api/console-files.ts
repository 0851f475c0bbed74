/**
 * The console's files, as vite builds them into dist/console: names with a hash in them never change,
 * the index is asked for each time. A path names a file of the list that was read, so none leads out.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { systemCodeOf } from '../../base/errors.ts';
import { consoleHeaders } from './server/security-headers.ts';

const defaultFolder = resolve(import.meta.dirname, '../../../dist/console');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sealift</title>
<h1>Sealift</h1>
<p>The vault runs. Its console is not built yet: run <code>npm run build:console</code> in the checkout, then load this page again.</p>
<p lang="zh-CN">保管库正在运行，但控制台尚未构建：请在源码目录中运行 <code>npm run build:console</code>，然后重新载入此页。</p>
<p><a href="/api/v1/openapi.json">/api/v1/openapi.json</a></p>
</html>
`;

export interface ConsoleFilesOptions {
  /** Where vite has put them; dist/console of the checkout when left out. */
  readonly folder?: string | undefined;
  /** Somebody opens the page, and its first questions will follow. */
  readonly onOpen?: () => void;
}

export function addConsoleFiles(
  app: FastifyInstance,
  { folder, onOpen }: ConsoleFilesOptions = {},
): void {
  const root = folder ?? defaultFolder;
  void app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      void reply.headers(consoleHeaders);
    });
    for (const url of ['/console', '/console/', '/console/*'])
      scope.route({
        method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url,
        handler: (request, reply) => serve({ root, onOpen }, request, reply),
      });
  });
}

/** True for a browser that opens the vault's address: `Accept: text/html` and nothing to prove. */
export function wantsConsole(request: FastifyRequest): boolean {
  const { accept = '', authorization } = request.headers;
  const path = (request.raw.url ?? '').split('?')[0];
  return (
    request.method === 'GET' &&
    path === '/' &&
    authorization === undefined &&
    accept.includes('text/html')
  );
}

async function serve(
  { root, onOpen }: { readonly root: string; readonly onOpen: (() => void) | undefined },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return reply.code(405).header('allow', 'GET, HEAD').send();
  const path = (request.raw.url ?? '').split('?')[0] ?? '';
  // Relative addresses of the page need the slash.
  if (path === '/console') return reply.redirect('/console/', 308);
  const files = await listFiles(root);
  const wanted = decode(path.slice('/console/'.length));
  if (wanted !== undefined && wanted !== '' && files.has(wanted))
    return sendFile(reply, { root, files, name: wanted, request });
  // The router of the page knows its own paths; a file that is missing is not one of them.
  if (wanted === undefined || /\.[a-z0-9]+$/i.test(wanted))
    return reply.code(404).header('content-type', 'text/plain').send('not found\n');
  if (!files.has('index.html'))
    return reply
      .header('content-type', types['.html'])
      .header('cache-control', 'no-store')
      .send(unbuilt);
  onOpen?.();
  return sendFile(reply, { root, files, name: 'index.html', request });
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

interface Sending {
  readonly root: string;
  readonly files: ReadonlySet<string>;
  readonly name: string;
  readonly request: FastifyRequest;
}

async function sendFile(
  reply: FastifyReply,
  { root, files, name, request }: Sending,
): Promise<FastifyReply> {
  const accepted = request.headers['accept-encoding'];
  const encoding = encodings.find(
    ([coding, ending]) => accepts(accepted, coding) && files.has(`${name}${ending}`),
  );
  const bytes = await readFile(join(root, `${name}${encoding?.[1] ?? ''}`));
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const ending = /\.[a-z0-9]+$/i.exec(name)?.[0].toLowerCase() ?? '';
  void reply.headers({
    'content-type': types[ending] ?? 'application/octet-stream',
    'cache-control': isHashed(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    etag,
    ...(encoding === undefined ? {} : { 'content-encoding': encoding[0] }),
  });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.send(bytes);
}

/** RFC 9110 §12.5.3, as far as it matters here: named, and not with weight 0. */
function accepts(header: string | string[] | undefined, coding: string): boolean {
  const parts = String(header ?? '').split(',');
  return parts.some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === coding && !parameters.some((text) => /^q=0(?:\.0*)?$/.test(text));
  });
}

/** `assets/index-BQ3rA9xY.js`: vite's hash is part of the name. */
function isHashed(name: string): boolean {
  return name.startsWith('assets/') && /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(name);
}

/** Names below the folder, with `/`; none when it is not built. */
async function listFiles(root: string): Promise<ReadonlySet<string>> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return new Set(
      files.map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
    );
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return new Set();
    throw error;
  }
}
