/** The routes that the reading thread answers. */

import type { CheckedRequestOf } from '../contract.ts';
import type { ReadFacts } from '../reads/read-facts.ts';
import type { Reader } from '../reads/reader.ts';
import { type ReadingJob, type ReadingRoute, readingRoutes } from '../reads/reading-routes.ts';
import type { Call, Handlers, PreparedAnswer } from '../server/api-routes.ts';

export interface ReadingParts {
  readonly reader: Reader;
  readonly readFacts: () => Promise<ReadFacts>;
}

export function readingHandlers({
  reader,
  readFacts,
}: ReadingParts): Pick<Handlers, ReadingRoute | ReadingJob> {
  const names = Object.keys(readingRoutes) as ReadingRoute[];
  const routes = Object.fromEntries(
    names.map((name) => [
      name,
      async (request: unknown, call: Call): Promise<PreparedAnswer> =>
        reader.route(name, { request, facts: await readFacts() }, takesGzip(call)),
    ]),
    // One handler for each name of the table, which the thread answers as the contract says.
  ) as unknown as Pick<Handlers, ReadingRoute>;
  return {
    ...routes,
    async exportClients(request: CheckedRequestOf<'exportClients'>) {
      const bytes = await reader.job('exportClients', { request, facts: await readFacts() });
      return { kind: 'file', type: 'text/csv; charset=utf-8', name: 'clients.csv', bytes };
    },
    async downloadFix(request: CheckedRequestOf<'downloadFix'>) {
      const { name, content } = await reader.job('downloadFix', {
        ...{ request, facts: await readFacts() },
      });
      const bytes = Buffer.from(content, 'base64');
      return { kind: 'file', type: 'application/octet-stream', name, bytes };
    },
  };
}

function takesGzip({ request }: Call): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
}
