/** Scrubs: every stored file compared with its name, without any key. */

import type { ScrubRun } from '../../../vault/api/schemas/vault.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { useFormat } from '../../ui/format.ts';
import { Badge, Card, Time, type Tone } from '../../ui/parts.tsx';
import { Empty, ErrorNotice, Loaded } from '../../ui/states.tsx';

const stateTones: Readonly<Record<ScrubRun['state'], Tone>> = {
  running: 'accent',
  done: 'good',
  stopped: 'warn',
  failed: 'bad',
};

export function Scrubs() {
  const say = useSay();
  const may = useMay();
  const query = useVault('listScrubs', {});
  const start = useChange('startScrub', { renews: ['listScrubs'] });
  const isRunning = query.data?.runs.some(({ state }) => state === 'running') === true;
  return (
    <div id="scrubs" className="span-6">
      <Card
        title={say('scrub.title')}
        note={say('scrub.note')}
        tools={
          may('operator') && (
            <button
              type="button"
              className="button"
              disabled={start.isPending || isRunning}
              onClick={() => start.mutate({ body: {} })}
            >
              {say('scrub.start')}
            </button>
          )
        }
      >
        {start.isError && <ErrorNotice error={start.error} />}
        <Loaded query={query}>
          {({ runs }) =>
            runs.length === 0 ? (
              <Empty title={say('scrub.none')} />
            ) : (
              <ul className="list-lines scroll-list">
                {runs.map((run) => (
                  <Run key={run.id} run={run} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
    </div>
  );
}

function Run({ run }: { readonly run: ScrubRun }) {
  const say = useSay();
  const format = useFormat();
  const { state, startedAt, files, bytes, damaged, damagedCount } = run;
  return (
    <li className="stack tight">
      <div className="row">
        <Badge tone={damagedCount > 0 ? 'bad' : stateTones[state]}>{say(`scrub.${state}`)}</Badge>
        <Time ms={Date.parse(startedAt)} form="full" />
      </div>
      <span className="small soft">
        {say('scrub.counts', { count: files, size: format.size(bytes) })}{' '}
        {say('scrub.damaged', { count: damagedCount })}
      </span>
      {damaged.length > 0 && (
        <details className="small">
          <summary>{say('scrub.which')}</summary>
          <ul>
            {damaged.map(({ path, problem }) => (
              <li key={path} className="breakable">
                <code>{path}</code> {problem}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
