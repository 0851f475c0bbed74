/** A page that broke, or whose script is no longer there since the vault was updated. */

import { useSay } from '../hooks/settings.ts';
import { Empty } from '../ui/states.tsx';

export function PageFault() {
  const say = useSay();
  return (
    <Empty title={say('page.broken')}>
      <p>{say('page.brokenMore')}</p>
      <button type="button" className="button" onClick={() => location.reload()}>
        {say('page.reload')}
      </button>
    </Empty>
  );
}
