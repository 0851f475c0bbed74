/** Who may do what: console users, logins of backup programs, invitations of machines. */

import { z } from 'zod';
import { accountName, lookedUpName, moment, role } from './common.ts';
import { newPassword } from './session.ts';

export const nameParams = z.strictObject({ name: lookedUpName });

export const consoleUser = z.object({
  name: z.string(),
  role,
  /** The enrolled client whose certificate signs this user in. */
  certificateClient: z.string().nullable(),
  createdAt: moment,
  lastSignInAt: moment.nullable(),
  mustChangePassword: z.boolean(),
  sessions: z.number().int().min(0),
});
export type ConsoleUser = z.infer<typeof consoleUser>;
export const consoleUsers = z.object({ users: z.array(consoleUser) });
export type ConsoleUsers = z.infer<typeof consoleUsers>;

export const addConsoleUser = z.strictObject({
  name: accountName,
  role,
  /** Made, and told once in the answer, when left out. */
  password: newPassword.optional(),
  certificateClient: accountName.nullable().optional(),
});
export type AddConsoleUser = z.infer<typeof addConsoleUser>;

/** What is left out stays. A changed role or password ends the user's sessions. */
export const changeConsoleUser = z.strictObject({
  role: role.optional(),
  password: newPassword.optional(),
  /** Makes a new password and tells it once. */
  resetPassword: z.literal(true).optional(),
  certificateClient: accountName.nullable().optional(),
});
export type ChangeConsoleUser = z.infer<typeof changeConsoleUser>;

export const consoleUserAnswer = consoleUser.extend({
  /** Only where the vault made one. */
  password: z.string().nullable(),
});
export type ConsoleUserAnswer = z.infer<typeof consoleUserAnswer>;

export const login = z.object({
  name: z.string(),
  appendOnly: z.boolean(),
  shared: z.boolean(),
  createdAt: moment,
});
export type Login = z.infer<typeof login>;
export const logins = z.object({ logins: z.array(login) });
export type Logins = z.infer<typeof logins>;

export const addLogin = z.strictObject({
  name: accountName,
  password: newPassword.optional(),
  appendOnly: z.boolean().default(false),
  shared: z.boolean().default(false),
});
export type AddLogin = z.input<typeof addLogin>;

export const changeLogin = z.strictObject({
  password: newPassword.optional(),
  resetPassword: z.literal(true).optional(),
  appendOnly: z.boolean().optional(),
  shared: z.boolean().optional(),
});
export type ChangeLogin = z.infer<typeof changeLogin>;

export const loginAnswer = login.extend({ password: z.string().nullable() });
export type LoginAnswer = z.infer<typeof loginAnswer>;

export const inviteState = z.enum(['open', 'used', 'expired']);
export const invite = z.object({
  id: z.string(),
  name: z.string(),
  appendOnly: z.boolean(),
  state: inviteState,
  createdAt: moment,
  expiresAt: moment,
  usedAt: moment.nullable(),
});
export type Invite = z.infer<typeof invite>;
export const invites = z.object({ invites: z.array(invite) });
export type Invites = z.infer<typeof invites>;

export const inviteParams = z.strictObject({ invite: z.string().regex(/^[0-9a-f]{16}$/) });

export const createInvite = z.strictObject({
  name: accountName,
  appendOnly: z.boolean().default(false),
  hours: z.number().int().min(1).max(720).default(24),
  /** The vault as that machine reaches it; this request's own address when left out. */
  url: z
    .url({ protocol: /^https$/ })
    .max(300)
    .optional(),
});
export type CreateInvite = z.input<typeof createInvite>;

export const createdInvite = invite.extend({
  /** Shown once. */
  token: z.string(),
  url: z.string(),
  /** `sealift enroll …`: to copy, and for the QR code. */
  command: z.string(),
  /** Enrol, make the repository, back up. */
  commands: z.array(z.string()),
});
export type CreatedInvite = z.infer<typeof createdInvite>;
