/** The vault itself: health, storage, scrubs, certificates, and who may do what. */

import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { useMay } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import { PageHead } from '../ui/parts.tsx';
import { Certificates } from './vault/certificates.tsx';
import { Health } from './vault/health.tsx';
import { Invites } from './vault/invites.tsx';
import { Logins } from './vault/logins.tsx';
import { Password } from './vault/password.tsx';
import { Scrubs } from './vault/scrubs.tsx';
import { Growth, Storage } from './vault/storage.tsx';
import { Tokens } from './vault/tokens.tsx';
import { Users } from './vault/users.tsx';

export function Vault() {
  const say = useSay();
  const may = useMay();
  const { hash } = useLocation();
  useEffect(() => {
    if (hash !== '') document.getElementById(hash.slice(1))?.scrollIntoView();
  }, [hash]);
  return (
    <div className="page">
      <PageHead title={say('nav.vault')} lead={location.host} />
      <div className="grid">
        <Health />
        <Growth />
        <Storage />
        <Scrubs />
        <Certificates />
        {may('operator') && <Invites />}
        {may('operator') && <Logins />}
        {may('owner') && <Users />}
        <Tokens />
        <Password />
      </div>
    </div>
  );
}
