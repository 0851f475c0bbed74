/** The frame of every page: where one can go, who is signed in, whether the vault is heard. */

import { useMutation } from '@tanstack/react-query';
import {
  Archive,
  ChartGantt,
  HeartPulse,
  History,
  LayoutDashboard,
  LogOut,
  Menu,
  MessageCircleQuestionMark,
  MonitorSmartphone,
  X,
} from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, NavLink, Outlet, useLocation, useNavigation } from 'react-router';
import { call } from '../api.ts';
import { useLive, useLiveState } from '../hooks/live.ts';
import { noSession, useSession, useTakeSession } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import icon from '../icon.svg';
import { LanguageChoice, ThemeChoice } from './choices.tsx';

const places = [
  { to: '/', key: 'nav.overview', Icon: LayoutDashboard },
  { to: '/clients', key: 'nav.clients', Icon: MonitorSmartphone },
  { to: '/retirement', key: 'nav.retirement', Icon: ChartGantt },
  { to: '/doctor', key: 'nav.doctor', Icon: HeartPulse },
  { to: '/explain', key: 'nav.explain', Icon: MessageCircleQuestionMark },
  { to: '/vault', key: 'nav.vault', Icon: Archive },
  { to: '/audit', key: 'nav.audit', Icon: History },
] as const;

export function Shell() {
  useLive();
  const say = useSay();
  const { pathname } = useLocation();
  const { state } = useNavigation();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);

  // A new page begins at its top, for eyes and for the focus.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of address that counts
  useEffect(() => {
    setOpen(false);
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        {say('nav.skip')}
      </a>
      <header className="topbar">
        <Brand />
        <button
          type="button"
          className="button icon quiet"
          aria-expanded={isOpen}
          aria-controls="nav"
          aria-label={say(isOpen ? 'nav.close' : 'nav.open')}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <X size={20} aria-hidden /> : <Menu size={20} aria-hidden />}
        </button>
      </header>
      <nav
        id="nav"
        className="nav"
        aria-label={say('nav.label')}
        data-open={isOpen}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setOpen(false);
        }}
      >
        <Brand />
        <ul>
          {places.map(({ to, key, Icon }) => (
            <li key={to}>
              <NavLink to={to} end={to === '/'} className="nav-link">
                <Icon size={17} aria-hidden />
                {say(key)}
              </NavLink>
            </li>
          ))}
        </ul>
        <Foot />
      </nav>
      {isOpen && (
        <button
          type="button"
          className="shade"
          tabIndex={-1}
          aria-label={say('nav.close')}
          onClick={() => setOpen(false)}
        />
      )}
      <main id="main" ref={main} className="main" tabIndex={-1} aria-busy={state === 'loading'}>
        <LostBand />
        <Outlet />
      </main>
    </div>
  );
}

function Brand() {
  return (
    <Link className="brand" to="/">
      <img src={icon} alt="" width={28} height={28} />
      Sealift
    </Link>
  );
}

function Foot() {
  const say = useSay();
  const { data } = useSession();
  const live = useLiveState();
  const take = useTakeSession();
  const leave = useMutation({
    mutationFn: () => call('signOut', {}),
    onSettled: () => take(noSession),
  });
  const user = data?.user;
  return (
    <div className="nav-foot">
      <span className="live" data-state={live} role="status">
        {say(`live.${live}`)}
      </span>
      <div className="choices">
        <LanguageChoice />
        <ThemeChoice />
      </div>
      {user !== undefined && user !== null && (
        <div className="who">
          <span>
            <strong>{user.name}</strong> · {say(`role.${user.role}`)}
          </span>
          <button
            type="button"
            className="button icon quiet"
            aria-label={say('session.signOut')}
            title={say('session.signOut')}
            disabled={leave.isPending}
            onClick={() => leave.mutate()}
          >
            <LogOut size={16} aria-hidden />
          </button>
        </div>
      )}
    </div>
  );
}

function LostBand() {
  const say = useSay();
  const live = useLiveState();
  if (live !== 'lost') return null;
  return (
    <div className="band" role="alert">
      <strong>{say('live.lost')}</strong>
      <span>{say('live.lostMore')}</span>
    </div>
  );
}
