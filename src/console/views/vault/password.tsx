/** One's own password. */

import { useSession } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { Card } from '../../ui/parts.tsx';
import { PasswordForm } from '../../ui/password-form.tsx';
import { tell } from '../../ui/toasts.tsx';

export function Password() {
  const say = useSay();
  const user = useSession().data?.user;
  return (
    <Card span={6} title={say('session.own')} note={say('session.ownNote')}>
      <PasswordForm name={user?.name ?? ''} onDone={() => tell(say('session.changed'))} />
    </Card>
  );
}
