/** One client: what it stored, how it connects, what it lacks and how that is mended. */

import { useState } from 'react';
import { useParams } from 'react-router';
import type { ClientDetail } from '../../vault/api/schemas/client.ts';
import { useVault } from '../hooks/queries.ts';
import { useMay } from '../hooks/session.tsx';
import { useSay, useSettings } from '../hooks/settings.ts';
import { useFormat } from '../ui/format.ts';
import { Badge, PageHead } from '../ui/parts.tsx';
import { Loaded } from '../ui/states.tsx';
import { ReadinessBadge, Tags } from '../ui/words.tsx';
import { Backups } from './client/backups.tsx';
import { Certificates } from './client/certificates.tsx';
import { ClientDoctor } from './client/client-doctor.tsx';
import { Drills } from './client/drills.tsx';
import { ClientExemptions } from './client/exemptions.tsx';
import { Facts } from './client/facts.tsx';
import { Handshakes } from './client/handshakes.tsx';
import { Notes } from './client/notes.tsx';
import { Offers } from './client/offers.tsx';
import { OtherPolicy } from './client/other-policy.tsx';
import { Ratchet } from './client/ratchet.tsx';
import { Standing } from './client/standing.tsx';
import { TagDialog } from './clients/tag-dialog.tsx';

export function Client() {
  const say = useSay();
  const { language } = useSettings();
  const { id = '' } = useParams();
  const query = useVault('getClient', { params: { id }, query: { lang: language } });
  return (
    <div className="page">
      {query.data === undefined && <PageHead title={id.replace(/^\w+:/, '')} />}
      <Loaded query={query} lines={12}>
        {(client) => (
          <>
            <Head client={client} />
            <div className="grid">
              <Standing client={client} />
              <Facts client={client} />
              <Backups client={client} />
              <Drills client={client} />
              <Handshakes client={client} />
              <Offers hellos={client.hellos} />
              <OtherPolicy client={client} />
              <ClientDoctor client={client} />
              <ClientExemptions client={client} />
              <Notes client={client} />
              <Ratchet client={client} />
              <Certificates client={client} />
            </div>
            <p className="note">{say('client.noKey')}</p>
          </>
        )}
      </Loaded>
    </div>
  );
}

function Head({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const may = useMay();
  const format = useFormat();
  const [isTagging, setTagging] = useState(false);
  const { row, days, at } = client;
  const isNamed = row.kind === 'certificate' || row.kind === 'login';
  return (
    <>
      <PageHead
        title={row.name}
        lead={
          <span className="row">
            <ReadinessBadge state={row.readiness} />
            <Badge tone="accent">{say(`kind.${row.kind}`)}</Badge>
            {!row.enrolled && isNamed && <Badge tone="warn">{say('client.notEnrolled')}</Badge>}
            {row.wave !== null && (
              <Badge tone="mute">{say('client.wave', { wave: row.wave })}</Badge>
            )}
            <Tags tags={row.tags} />
            <span className="faint small">
              {say('client.lead', { days, at: format.time(Date.parse(at)) })}
            </span>
          </span>
        }
      >
        {may('operator') && isNamed && (
          <button type="button" className="button" onClick={() => setTagging(true)}>
            {say('client.changeTags')}
          </button>
        )}
      </PageHead>
      {isTagging && <TagDialog rows={[row]} tags={row.tags} onClose={() => setTagging(false)} />}
    </>
  );
}
