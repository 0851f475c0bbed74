/**
 * The API `/api/v1` as data: one entry for each route. The server registers, guards and checks its
 * routes by this table, openapi.ts makes the OpenAPI document of it, and clients (the console, the
 * command line) take their types from it. Paths count from `/api/v1`; `:name` is a parameter.
 */

import type { z } from 'zod';
import * as accounts from './schemas/accounts.ts';
import * as audit from './schemas/audit.ts';
import * as client from './schemas/client.ts';
import * as clients from './schemas/clients.ts';
import type { Role } from './schemas/common.ts';
import { empty, languageQuery } from './schemas/common.ts';
import * as doctor from './schemas/doctor.ts';
import * as explain from './schemas/explain.ts';
import * as overview from './schemas/overview.ts';
import * as policy from './schemas/policy.ts';
import * as report from './schemas/report.ts';
import * as session from './schemas/session.ts';
import * as vault from './schemas/vault.ts';

export const apiPrefix = '/api/v1';
export const csrfHeader = 'x-sealift-csrf';
export const sessionCookie = '__Host-sealift';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `public` needs no session; each role may do what the ones before it may. */
export type Access = 'public' | Role;

export type Answer =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202; readonly schema: z.ZodType }
  | { readonly kind: 'empty' }
  /** A file to save, of one of these types. */
  | { readonly kind: 'file'; readonly types: readonly string[] }
  | { readonly kind: 'events' };

export interface RouteEntry {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** `multipart` carries files and these fields. */
  readonly body?:
    | { readonly kind: 'json'; readonly schema: z.ZodType; readonly maxBytes?: number }
    | { readonly kind: 'multipart'; readonly schema: z.ZodObject; readonly maxBytes: number };
  readonly answer: Answer;
  /** Besides those that every route may give: codes of docs/errors.md. */
  readonly errors?: readonly string[];
}

const kib = 1024;

function json<S extends z.ZodType>(schema: S, status: 200 | 201 | 202 = 200) {
  return { kind: 'json', status, schema } as const;
}

function body<S extends z.ZodType>(schema: S, maxBytes?: number) {
  return { kind: 'json', schema, ...(maxBytes === undefined ? {} : { maxBytes }) } as const;
}

const nothing = { kind: 'empty' } as const;

export const contract = {
  // The document itself.
  getOpenApi: {
    ...({ method: 'GET', path: '/openapi.json', tag: 'api', access: 'public' } as const),
    summary: 'This description',
    answer: { kind: 'file', types: ['application/json'] },
  },
  getAuthority: {
    ...({ method: 'GET', path: '/ca.pem', tag: 'api', access: 'public' } as const),
    summary: "The certificate of the vault's authority, for --cacert",
    answer: { kind: 'file', types: ['application/x-pem-file'] },
    errors: ['api/not-found'],
  },

  // Session.
  getSession: {
    ...({ method: 'GET', path: '/session', tag: 'session', access: 'public' } as const),
    summary: 'Who is signed in, and the token for changes',
    answer: json(session.session),
  },
  signIn: {
    ...({ method: 'POST', path: '/session', tag: 'session', access: 'public' } as const),
    summary: 'Sign in with a password or with the certificate of this connection',
    body: body(session.signIn, 8 * kib),
    answer: json(session.session, 201),
    errors: ['api/sign-in', 'api/throttled'],
  },
  signOut: {
    ...({ method: 'DELETE', path: '/session', tag: 'session', access: 'viewer' } as const),
    summary: 'Sign out',
    answer: nothing,
  },
  changePassword: {
    ...({ method: 'PUT', path: '/session/password', tag: 'session', access: 'viewer' } as const),
    summary: "Change one's own password; every other session ends",
    body: body(session.changePassword, 8 * kib),
    answer: json(session.session),
    errors: ['api/sign-in', 'api/throttled'],
  },
  listTokens: {
    ...({ method: 'GET', path: '/tokens', tag: 'session', access: 'viewer' } as const),
    summary: "One's own tokens for programs; an owner sees all",
    answer: json(session.apiTokens),
  },
  createToken: {
    ...({ method: 'POST', path: '/tokens', tag: 'session', access: 'viewer' } as const),
    summary: 'Make a token with a role of at most one’s own',
    body: body(session.createToken, 8 * kib),
    answer: json(session.createdToken, 201),
  },
  deleteToken: {
    ...({ method: 'DELETE', path: '/tokens/:name', tag: 'session', access: 'viewer' } as const),
    summary: 'End a token, by its id',
    params: accounts.nameParams,
    answer: nothing,
    errors: ['api/not-found'],
  },

  // Overview.
  getOverview: {
    ...({ method: 'GET', path: '/overview', tag: 'overview', access: 'viewer' } as const),
    summary: 'Is everybody backed up, and will everybody still connect?',
    query: overview.overviewQuery,
    answer: json(overview.overview),
  },
  getReport: {
    ...({ method: 'GET', path: '/report', tag: 'overview', access: 'viewer' } as const),
    summary: 'The whole fleet without loss, for programs',
    query: report.reportQuery,
    answer: json(report.fleetReport),
  },
  makeReport: {
    ...({ method: 'POST', path: '/report', tag: 'overview', access: 'viewer' } as const),
    summary: 'The same, held against another plan or policy',
    body: body(report.reportRequest, 1100 * kib),
    answer: json(report.fleetReport),
    errors: ['tls/policy-file'],
  },

  // Clients.
  listClients: {
    ...({ method: 'GET', path: '/clients', tag: 'clients', access: 'viewer' } as const),
    summary: 'Rows of clients: filtered, sorted, a page or all',
    query: clients.clientListQuery,
    answer: json(clients.clientList),
  },
  exportClients: {
    ...({ method: 'GET', path: '/clients.csv', tag: 'clients', access: 'viewer' } as const),
    summary: 'The same rows for a spreadsheet',
    query: clients.clientFilter,
    answer: { kind: 'file', types: ['text/csv'] },
  },
  changeTags: {
    ...({ method: 'POST', path: '/clients/tags', tag: 'clients', access: 'operator' } as const),
    summary: 'Add and remove tags of many clients at once',
    body: body(clients.changeTags, 8 * kib * kib),
    answer: json(clients.changedTags),
  },
  getClient: {
    ...({ method: 'GET', path: '/clients/:id', tag: 'clients', access: 'viewer' } as const),
    summary: 'All that is known of one client',
    params: client.clientParams,
    query: client.clientDetailQuery,
    answer: json(client.clientDetail),
    errors: ['api/not-found'],
  },
  listBackups: {
    ...({ method: 'GET', path: '/clients/:id/backups', tag: 'clients', access: 'viewer' } as const),
    summary: 'Snapshots that arrived, the latest first',
    params: client.clientParams,
    query: client.backupQuery,
    answer: json(client.backupPage),
    errors: ['api/not-found'],
  },
  listHandshakes: {
    ...({ method: 'GET', tag: 'clients', access: 'viewer' } as const),
    path: '/clients/:id/handshakes',
    summary: 'What it offered and got, by day and fingerprint',
    params: client.clientParams,
    query: client.handshakeQuery,
    answer: json(client.handshakes),
    errors: ['api/not-found'],
  },
  negotiateClient: {
    ...({ method: 'POST', tag: 'clients', access: 'viewer' } as const),
    path: '/clients/:id/negotiate',
    summary: 'What it would agree on under another policy',
    params: client.clientParams,
    query: languageQuery,
    body: body(client.negotiateRequest, 300 * kib),
    answer: json(client.negotiateAnswer),
    errors: ['api/not-found', 'tls/policy-file'],
  },
  getClientDoctor: {
    ...({ method: 'GET', path: '/clients/:id/doctor', tag: 'clients', access: 'viewer' } as const),
    summary: "The doctor's findings from its facts, with the fixes as files",
    params: client.clientParams,
    query: languageQuery,
    answer: json(doctor.clientDoctor),
    errors: ['api/not-found'],
  },
  downloadFix: {
    ...({ method: 'GET', tag: 'clients', access: 'viewer' } as const),
    path: '/clients/:id/fixes/:name',
    summary: 'One of these files',
    params: doctor.fixParams,
    query: languageQuery,
    answer: { kind: 'file', types: ['application/octet-stream'] },
    errors: ['api/not-found'],
  },
  addNote: {
    ...({
      method: 'POST',
      path: '/clients/:id/notes',
      tag: 'clients',
      access: 'operator',
    } as const),
    summary: 'Add a note',
    params: client.clientParams,
    body: body(client.addNote, 32 * kib),
    answer: json(client.note, 201),
    errors: ['api/not-found'],
  },
  deleteNote: {
    ...({ method: 'DELETE', tag: 'clients', access: 'operator' } as const),
    path: '/clients/:id/notes/:note',
    summary: 'Remove a note',
    params: client.noteParams,
    answer: nothing,
    errors: ['api/not-found'],
  },
  releaseRatchet: {
    ...({ method: 'POST', tag: 'clients', access: 'owner' } as const),
    path: '/clients/:id/ratchet/release',
    summary: 'Forget the best version that it has proved',
    params: client.clientParams,
    body: body(client.releaseRatchet, 16 * kib),
    answer: nothing,
    errors: ['api/not-found', 'vault/ratchet'],
  },
  revokeClient: {
    ...({ method: 'DELETE', path: '/clients/:id', tag: 'clients', access: 'owner' } as const),
    summary: "End an enrolled machine's access; what it stored stays",
    params: client.clientParams,
    answer: nothing,
    errors: ['api/not-found'],
  },

  // Policy.
  getPolicy: {
    ...({ method: 'GET', path: '/policy', tag: 'policy', access: 'viewer' } as const),
    summary: 'The plan in force',
    query: languageQuery,
    answer: json(policy.policyState),
  },
  checkPolicy: {
    ...({ method: 'POST', path: '/policy/check', tag: 'policy', access: 'viewer' } as const),
    summary: 'Contradictions of a draft, and the dates that it would move',
    body: body(policy.checkPlanRequest, 2048 * kib),
    answer: json(policy.checkedPlan),
  },
  simulatePolicy: {
    ...({ method: 'POST', path: '/policy/simulate', tag: 'policy', access: 'viewer' } as const),
    summary: 'Who would fail: the plan in force and a draft side by side',
    body: body(policy.simulateRequest, 2048 * kib),
    answer: json(policy.simulated),
    errors: ['tls/policy-file'],
  },
  applyPolicy: {
    ...({ method: 'POST', path: '/policy/apply', tag: 'policy', access: 'owner' } as const),
    summary: 'Put a draft in force',
    query: languageQuery,
    body: body(policy.applyPlanRequest, 2048 * kib),
    answer: json(policy.policyState),
    errors: ['api/conflict', 'tls/policy-file', 'tls/plan'],
  },
  listRevisions: {
    ...({ method: 'GET', path: '/policy/history', tag: 'policy', access: 'viewer' } as const),
    summary: 'Every plan that was in force, the latest first',
    answer: json(policy.policyHistory),
  },
  getRevision: {
    ...({ method: 'GET', tag: 'policy', access: 'viewer' } as const),
    path: '/policy/history/:revision',
    summary: 'One of them as text',
    params: policy.revisionParams,
    answer: json(policy.revisionDetail),
    errors: ['api/not-found'],
  },
  restoreRevision: {
    ...({ method: 'POST', tag: 'policy', access: 'owner' } as const),
    path: '/policy/history/:revision/restore',
    summary: 'Put an earlier plan back in force',
    params: policy.revisionParams,
    query: languageQuery,
    body: body(policy.restoreRevision, 16 * kib),
    answer: json(policy.policyState),
    errors: ['api/not-found', 'api/conflict', 'tls/policy-file', 'tls/plan'],
  },
  listExemptions: {
    ...({ method: 'GET', path: '/policy/exemptions', tag: 'policy', access: 'viewer' } as const),
    summary: 'Exemptions with what is left of them',
    answer: json(policy.exemptions),
  },
  addExemption: {
    ...({ method: 'POST', path: '/policy/exemptions', tag: 'policy', access: 'operator' } as const),
    summary: 'Keep a capability for a client until a date',
    body: body(policy.planExemption, 16 * kib),
    answer: json(policy.exemption, 201),
    errors: ['api/conflict', 'tls/policy-file', 'tls/plan'],
  },
  endExemption: {
    ...({ method: 'POST', tag: 'policy', access: 'operator' } as const),
    path: '/policy/exemptions/:exemption/end',
    summary: 'End an exemption now',
    params: policy.exemptionParams,
    body: body(policy.endExemption, 16 * kib),
    answer: nothing,
    errors: ['api/not-found', 'tls/plan'],
  },
  getCalendar: {
    ...({ method: 'GET', path: '/policy/calendar', tag: 'policy', access: 'viewer' } as const),
    summary: 'Brownout windows and dates between two moments',
    query: policy.calendarQuery,
    answer: json(policy.calendar),
  },
  getDraftCalendar: {
    ...({ method: 'POST', path: '/policy/calendar', tag: 'policy', access: 'viewer' } as const),
    summary: 'Brownout windows and dates between two moments, of a draft',
    body: body(policy.draftCalendarRequest, 2048 * kib),
    answer: json(policy.calendar),
    errors: ['tls/policy-file'],
  },

  // Doctor and explain.
  examine: {
    ...({ method: 'POST', path: '/doctor', tag: 'doctor', access: 'viewer' } as const),
    summary: 'Judge facts, .reg exports, hives and logs; nothing of them is kept',
    body: {
      kind: 'multipart',
      schema: doctor.examineFields,
      maxBytes: doctor.maxExamineBytes,
    },
    answer: json(doctor.examination),
    errors: ['api/throttled'],
  },
  explain: {
    ...({ method: 'POST', path: '/explain', tag: 'doctor', access: 'viewer' } as const),
    summary: 'The causes of a failure, ranked',
    body: body(explain.explainRequest, 2048 * kib),
    answer: json(explain.explanation),
  },

  // Vault.
  getVault: {
    ...({ method: 'GET', path: '/vault', tag: 'vault', access: 'viewer' } as const),
    summary: 'Versions and health',
    answer: json(vault.vaultState),
  },
  getStorage: {
    ...({ method: 'GET', path: '/storage', tag: 'vault', access: 'viewer' } as const),
    summary: 'What the repositories hold, by owner',
    answer: json(vault.storageState),
  },
  getGrowth: {
    ...({ method: 'GET', path: '/storage/growth', tag: 'vault', access: 'viewer' } as const),
    summary: 'Storage by day',
    query: vault.growthQuery,
    answer: json(vault.growth),
  },
  setQuota: {
    ...({ method: 'PUT', path: '/storage/quotas/:owner', tag: 'vault', access: 'owner' } as const),
    summary: 'How much a client or login may store',
    params: vault.ownerParams,
    body: body(vault.setQuota, 4 * kib),
    answer: nothing,
  },
  listScrubs: {
    ...({ method: 'GET', path: '/scrubs', tag: 'vault', access: 'viewer' } as const),
    summary: 'Results of scrubs, the latest first',
    answer: json(vault.scrubs),
  },
  startScrub: {
    ...({ method: 'POST', path: '/scrubs', tag: 'vault', access: 'operator' } as const),
    summary: 'Verify every stored file against its name, in the background',
    body: body(empty, 1 * kib),
    answer: json(vault.scrubRun, 202),
    errors: ['api/conflict'],
  },
  listCertificates: {
    ...({ method: 'GET', path: '/certificates', tag: 'vault', access: 'viewer' } as const),
    summary: "The server's, the authority's and the clients' certificates",
    answer: json(vault.certificates),
  },

  // Accounts.
  listUsers: {
    ...({ method: 'GET', path: '/users', tag: 'accounts', access: 'owner' } as const),
    summary: 'Console users',
    answer: json(accounts.consoleUsers),
  },
  addUser: {
    ...({ method: 'POST', path: '/users', tag: 'accounts', access: 'owner' } as const),
    summary: 'Add a console user',
    body: body(accounts.addConsoleUser, 8 * kib),
    answer: json(accounts.consoleUserAnswer, 201),
    errors: ['api/conflict', 'vault/user'],
  },
  changeUser: {
    ...({ method: 'PATCH', path: '/users/:name', tag: 'accounts', access: 'owner' } as const),
    summary: 'Change role, password or certificate; sessions end',
    params: accounts.nameParams,
    body: body(accounts.changeConsoleUser, 8 * kib),
    answer: json(accounts.consoleUserAnswer),
    errors: ['api/not-found', 'api/conflict'],
  },
  deleteUser: {
    ...({ method: 'DELETE', path: '/users/:name', tag: 'accounts', access: 'owner' } as const),
    summary: 'Remove a console user; sessions and tokens end',
    params: accounts.nameParams,
    answer: nothing,
    errors: ['api/not-found', 'api/conflict'],
  },
  listLogins: {
    ...({ method: 'GET', path: '/logins', tag: 'accounts', access: 'operator' } as const),
    summary: 'Logins of restic and other programs',
    answer: json(accounts.logins),
  },
  addLogin: {
    ...({ method: 'POST', path: '/logins', tag: 'accounts', access: 'owner' } as const),
    summary: 'Add a login',
    body: body(accounts.addLogin, 8 * kib),
    answer: json(accounts.loginAnswer, 201),
    errors: ['vault/user'],
  },
  changeLogin: {
    ...({ method: 'PATCH', path: '/logins/:name', tag: 'accounts', access: 'owner' } as const),
    summary: 'Change a login',
    params: accounts.nameParams,
    body: body(accounts.changeLogin, 8 * kib),
    answer: json(accounts.loginAnswer),
    errors: ['api/not-found'],
  },
  deleteLogin: {
    ...({ method: 'DELETE', path: '/logins/:name', tag: 'accounts', access: 'owner' } as const),
    summary: 'Remove a login; what it stored stays',
    params: accounts.nameParams,
    answer: nothing,
    errors: ['api/not-found'],
  },
  listInvites: {
    ...({ method: 'GET', path: '/invites', tag: 'accounts', access: 'operator' } as const),
    summary: 'Invitations of machines',
    answer: json(accounts.invites),
  },
  createInvite: {
    ...({ method: 'POST', path: '/invites', tag: 'accounts', access: 'operator' } as const),
    summary: 'Make a one-time token that enrols a machine',
    body: body(accounts.createInvite, 8 * kib),
    answer: json(accounts.createdInvite, 201),
    errors: ['vault/user'],
  },
  deleteInvite: {
    ...({
      method: 'DELETE',
      path: '/invites/:invite',
      tag: 'accounts',
      access: 'operator',
    } as const),
    summary: 'Take an invitation back',
    params: accounts.inviteParams,
    answer: nothing,
    errors: ['api/not-found'],
  },

  // Audit log and events.
  listAudit: {
    ...({ method: 'GET', path: '/audit', tag: 'audit', access: 'viewer' } as const),
    summary: 'Every change: who, when, before and after',
    query: audit.auditQuery,
    answer: json(audit.auditPage),
  },
  watchEvents: {
    ...({ method: 'GET', path: '/events', tag: 'events', access: 'viewer' } as const),
    summary: 'Server-sent events; Last-Event-ID goes on where a connection broke',
    answer: { kind: 'events' },
    errors: ['api/unavailable'],
  },
} as const satisfies Record<string, RouteEntry>;

export type Contract = typeof contract;
export type RouteId = keyof Contract;

/** What each of them may answer besides its own errors. */
export const commonErrors = {
  public: ['api/invalid', 'api/media-type', 'api/too-large', 'api/forgery', 'api/internal'],
  guarded: [
    ...(['api/invalid', 'api/media-type', 'api/too-large', 'api/forgery', 'api/internal'] as const),
    ...(['api/unauthenticated', 'api/forbidden'] as const),
  ],
} as const;

type Input<T> = T extends z.ZodType ? z.input<T> : undefined;
type Output<T> = T extends z.ZodType ? z.output<T> : undefined;
type Part<R, K extends string> = R extends Readonly<Record<K, infer V>> ? V : undefined;
type BodySchema<R> = R extends { readonly body: { readonly schema: infer S } } ? S : undefined;

/** What a client sends. */
export interface RequestOf<I extends RouteId> {
  readonly params: Input<Part<Contract[I], 'params'>>;
  readonly query: Input<Part<Contract[I], 'query'>>;
  readonly body: Input<BodySchema<Contract[I]>>;
}

/** What the server's handler gets: checked, with defaults. */
export interface CheckedRequestOf<I extends RouteId> {
  readonly params: Output<Part<Contract[I], 'params'>>;
  readonly query: Output<Part<Contract[I], 'query'>>;
  readonly body: Output<BodySchema<Contract[I]>>;
}

/** The JSON that a route answers with; undefined for files, events and nothing. */
export type ResponseOf<I extends RouteId> = Contract[I]['answer'] extends {
  readonly kind: 'json';
  readonly schema: infer S;
}
  ? Output<S>
  : undefined;
