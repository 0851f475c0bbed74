/** The doctor for files and texts that a person brings. */

import type { Examiner } from '../examine/examiner.ts';
import { maxExamineFiles } from '../schemas/doctor.ts';
import type { Handlers } from '../server/api-routes.ts';
import { invalid } from '../server/read-request.ts';
import type { ApiParts } from './api-parts.ts';

export function doctorHandlers(
  { clock }: ApiParts,
  examiner: Examiner,
): Pick<Handlers, 'examine' | 'explain'> {
  return {
    async examine({ body }, { files }) {
      if (files.length === 0) throw invalid('body.files', 'has no file');
      if (files.length > maxExamineFiles)
        throw invalid('body.files', `has more than ${maxExamineFiles} files`);
      const { lang, server, consumer } = body;
      return examiner.examine(files, { lang, server, consumer, nowMs: clock.now() });
    },
    explain: async ({ body }) => examiner.explain(body.text, body.lang),
  };
}
