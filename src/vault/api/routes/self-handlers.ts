/** What the API says of itself. */

import { readFile } from 'node:fs/promises';
import packageJson from '../../../../package.json' with { type: 'json' };
import { openApiDocument } from '../openapi.ts';
import type { Handlers } from '../server/api-routes.ts';
import { notFound } from '../server/problem.ts';
import type { ApiParts } from './api-parts.ts';

export function selfHandlers({ paths }: ApiParts): Pick<Handlers, 'getOpenApi' | 'getAuthority'> {
  let document: string | undefined;
  return {
    async getOpenApi() {
      document ??= JSON.stringify(openApiDocument(packageJson.version));
      return { kind: 'file', type: 'application/json; charset=utf-8', bytes: document };
    },
    async getAuthority() {
      let bytes: string;
      try {
        bytes = await readFile(paths.caCertificate, 'utf8');
      } catch {
        throw notFound('certificate');
      }
      return { kind: 'file', type: 'application/x-pem-file', name: 'sealift-ca.pem', bytes };
    },
  };
}
