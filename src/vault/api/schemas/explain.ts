/** `POST /explain`: the causes of a failure, ranked. */

import { z } from 'zod';
import { count, language } from './common.ts';

export const explainRequest = z.strictObject({
  /** An error number, a message or the lines of a log. */
  text: z
    .string()
    .min(1)
    .max(512 * 1024),
  lang: language.default('en'),
});
export type ExplainRequest = z.input<typeof explainRequest>;

export const cause = z.object({
  id: z.string(),
  stage: z.string(),
  /** 0 to 1: an order, not a probability. */
  score: z.number(),
  likelihood: z.string(),
  title: z.string(),
  means: z.string(),
  /** What tells this cause from the others. */
  check: z.string(),
  /** The nearest to the evidence first. */
  fixes: z.array(z.object({ platform: z.string(), title: z.string(), text: z.string() })),
  evidence: z.array(
    z.object({
      line: count,
      text: z.string(),
      count,
      says: z.string(),
      source: z.string().nullable(),
    }),
  ),
});
export type Cause = z.infer<typeof cause>;

export const explanation = z.object({
  /** False when nothing is known of it. */
  known: z.boolean(),
  lines: count,
  failures: z.array(z.object({ count, firstLine: count, lastLine: count, causes: z.array(cause) })),
});
export type Explanation = z.infer<typeof explanation>;
