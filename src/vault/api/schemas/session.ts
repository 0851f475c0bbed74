/** Signing in to the console, and the tokens of programs. */

import { z } from 'zod';
import { moment, role } from './common.ts';

/** Who is signed in. A session has ended when this says `user: null`. */
export const session = z.object({
  user: z
    .object({
      name: z.string(),
      role,
      /** How this request proved it. */
      by: z.enum(['password', 'certificate', 'token']),
      /** Set while the password is the one that `up` printed. */
      mustChangePassword: z.boolean(),
    })
    .nullable(),
  /** To be sent as `X-Sealift-CSRF` with every request but GET; null without a session. */
  csrfToken: z.string().nullable(),
  /** The session ends then, or before when it is idle. */
  expiresAt: moment.nullable(),
  idleAt: moment.nullable(),
  /** The enrolled client whose certificate this connection shows, if it can sign in by it. */
  certificate: z.object({ client: z.string(), user: z.string() }).nullable(),
});
export type Session = z.infer<typeof session>;

const passwordText = z.string().min(1).max(1024);
export const newPassword = z.string().min(12).max(1024);

export const signIn = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('password'),
    name: z.string().min(1).max(64),
    password: passwordText,
  }),
  z.strictObject({ method: z.literal('certificate') }),
]);
export type SignIn = z.infer<typeof signIn>;

export const changePassword = z.strictObject({ current: passwordText, next: newPassword });
export type ChangePassword = z.infer<typeof changePassword>;

export const apiToken = z.object({
  id: z.string(),
  name: z.string(),
  user: z.string(),
  role,
  createdAt: moment,
  expiresAt: moment,
  lastUsedAt: moment.nullable(),
});
export type ApiToken = z.infer<typeof apiToken>;

export const apiTokens = z.object({ tokens: z.array(apiToken) });
export type ApiTokens = z.infer<typeof apiTokens>;

export const createToken = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** At most that of who asks. */
  role,
  days: z.number().int().min(1).max(366).default(90),
});
export type CreateToken = z.input<typeof createToken>;

export const createdToken = apiToken.extend({
  /** `Authorization: Bearer …`; shown once. */
  secret: z.string(),
});
export type CreatedToken = z.infer<typeof createdToken>;
