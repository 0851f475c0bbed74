/** The doctor's word on the machine, from the facts that its agent sent. */

import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useVault } from '../../hooks/queries.ts';
import { useSay, useSettings } from '../../hooks/settings.ts';
import { Card } from '../../ui/parts.tsx';
import { Empty, Loaded } from '../../ui/states.tsx';
import { Diagnosis } from '../doctor/diagnosis.tsx';

export function ClientDoctor({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const { language } = useSettings();
  const query = useVault('getClientDoctor', {
    params: { id: client.row.id },
    query: { lang: language },
  });
  const day = query.data?.doctor?.day;
  return (
    <Card
      span={12}
      title={say('nav.doctor')}
      note={day !== undefined && say('doctor.factsOf', { day })}
    >
      <Loaded query={query}>
        {({ doctor }) =>
          doctor === null ? (
            <Empty title={say('doctor.noFacts')}>
              <p>{say('doctor.noFactsMore')}</p>
            </Empty>
          ) : (
            <Diagnosis diagnosis={doctor.diagnosis} fixes={doctor.fixes} />
          )
        }
      </Loaded>
    </Card>
  );
}
