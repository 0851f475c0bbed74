/**
 * The vault's HTTP API for people and programs, `/api/v1`, and the console's files. What a route takes
 * and gives is in contract.ts and schemas/; server/ holds what all routes share (caller, forgery,
 * problems), routes/ what each does. The REST protocol of restic is elsewhere (../server/).
 */

import type { FastifyInstance } from 'fastify';
import { FailureLimit } from '../accounts/failure-limit.ts';
import { addConsoleFiles } from './console-files.ts';
import { EventHub } from './events/event-hub.ts';
import { accountHandlers } from './routes/account-handlers.ts';
import type { ApiParts } from './routes/api-parts.ts';
import { auditHandlers } from './routes/audit-handlers.ts';
import { selfHandlers } from './routes/self-handlers.ts';
import { sessionHandlers } from './routes/session-handlers.ts';
import { addApiRoutes, type Handlers } from './server/api-routes.ts';

export interface Api {
  readonly hub: EventHub;
  /** Ends event streams and threads, before connections are drained. */
  close(): Promise<void>;
}

export interface ApiOptions extends Omit<ApiParts, 'hub' | 'failures'> {
  readonly consoleFolder?: string | undefined;
  readonly guard: <T>(work: Promise<T>) => Promise<T>;
}

export function addApi(
  app: FastifyInstance,
  { consoleFolder, guard, ...options }: ApiOptions,
): Api {
  const hub = new EventHub();
  const parts: ApiParts = { ...options, hub, failures: new FailureLimit(options.clock) };
  const handlers: Partial<Handlers> = {
    ...selfHandlers(parts),
    ...sessionHandlers(parts),
    ...accountHandlers(parts),
    ...auditHandlers(parts),
  };
  addApiRoutes(app, { ...parts, handlers, guard });
  addConsoleFiles(app, { folder: consoleFolder });
  return {
    hub,
    async close() {
      hub.close();
    },
  };
}
