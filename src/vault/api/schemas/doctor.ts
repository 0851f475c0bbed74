/** The doctor's verdict on machines: those that sent their facts, and files that a person drops. */

import { z } from 'zod';
import { count, day, language } from './common.ts';
import { explanation } from './explain.ts';

export const doctorStatus = z.enum(['ready', 'not-ready', 'unknown']);
export const severity = z.enum(['error', 'warning', 'note']);

const missing = z.object({ kind: z.string(), text: z.string() });

const stack = z.object({
  stack: z.string(),
  /** As a person calls it. */
  title: z.string(),
  status: doctorStatus,
  /** Each way that it may behave: what it offers and what comes of it. */
  outcomes: z.array(
    z.object({
      text: z.string(),
      agreed: z.boolean(),
      versions: z.array(z.string()),
      version: z.string().nullable(),
      cipherSuite: z.string().nullable(),
      group: z.string().nullable(),
      alert: z.string().nullable(),
    }),
  ),
  missing: z.array(missing),
  assumed: z.array(missing),
});
export type DoctorStack = z.infer<typeof stack>;

export const finding = z.object({
  id: z.string(),
  severity,
  title: z.string(),
  why: z.string(),
  stacks: z.array(z.string()),
  evidence: z.array(z.string()),
  sources: z.array(z.object({ title: z.string(), url: z.string().nullable() })),
  /** Of `remedies`. */
  remedy: z.string().nullable(),
});
export type DoctorFinding = z.infer<typeof finding>;

export const remedy = z.object({
  id: z.string(),
  title: z.string(),
  /** No file can make it: an update to install, a policy to edit. */
  byHand: z.boolean(),
  /** Lines such as `HKLM\…  Enabled: 0 -> 1`. */
  changes: z.array(z.string()),
});
export type DoctorRemedy = z.infer<typeof remedy>;

export const fixFormat = z.enum(['reg', 'ps1', 'cmd', 'sh', 'ansible', 'gpp']);
export type FixFormat = z.infer<typeof fixFormat>;

export const diagnosis = z.object({
  machine: z.string(),
  status: doctorStatus,
  system: z.string().nullable(),
  /** What the stacks were held against. */
  policy: z.string(),
  stacks: z.array(stack),
  consumers: z.array(
    z.object({
      consumer: z.string(),
      title: z.string(),
      installed: z.boolean().nullable(),
      status: doctorStatus,
      policy: z.string(),
      stacks: z.array(stack),
      missing: z.array(missing),
    }),
  ),
  findings: z.array(finding),
  remedies: z.array(remedy),
  problems: z.array(z.string()),
});
export type DoctorDiagnosis = z.infer<typeof diagnosis>;

export const fixFile = z.object({
  format: fixFormat,
  /** `fix-web01.reg` */
  name: z.string(),
  undo: z.boolean(),
  /** The bytes in base64: a .reg file is UTF-16. */
  content: z.base64(),
});
export type FixFile = z.infer<typeof fixFile>;

/** `GET /clients/{id}/doctor`; null for a client that sent no facts. */
export const clientDoctor = z.object({
  doctor: z.object({ day, diagnosis, fixes: z.array(fixFile) }).nullable(),
});
export type ClientDoctor = z.infer<typeof clientDoctor>;

export const fixParams = z.strictObject({
  id: z.string().min(1).max(600),
  name: z.string().regex(/^[\p{L}\p{N}._-]{1,200}$/u),
});

/** Files and fields of `multipart/form-data`: `files` (any number), and these. */
export const examineFields = z.strictObject({
  lang: language.default('en'),
  /** A baseline's name or `azure`; each program's usual server when left out. */
  server: z.string().max(60).optional(),
  consumer: z.string().max(40).optional(),
});
export type ExamineFields = z.input<typeof examineFields>;

/** Per request, all files together. */
export const maxExamineBytes = 64 * 1024 ** 2;
export const maxExamineFiles = 50;

export const examination = z.object({
  machines: z.array(
    z.object({
      name: z.string(),
      files: z.array(z.string()),
      diagnosis,
      fixes: z.array(fixFile),
    }),
  ),
  /** Files that are no facts are read as logs. */
  logs: z.array(z.object({ file: z.string(), explanation })),
  failures: z.array(
    z.object({
      file: z.string(),
      code: z.string(),
      detail: z.string(),
      hint: z.string().nullable(),
    }),
  ),
  bytes: count,
});
export type Examination = z.infer<typeof examination>;
