/** Who is signed in, and what they may do. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { type Role, roleNames } from '../../vault/api/schemas/common.ts';
import type { Session } from '../../vault/api/schemas/session.ts';
import { call, setCsrfToken } from '../api.ts';

export const sessionKey = ['getSession'] as const;

export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Session> => {
      const session = await call('getSession', { signal });
      setCsrfToken(session.csrfToken);
      return session;
    },
  });
}

/** True if the role of who is signed in allows what `least` may. */
export function useMay(): (least: Role) => boolean {
  const { data } = useSession();
  const role = data?.user?.role;
  return useCallback(
    (least) => role !== undefined && roleNames.indexOf(role) >= roleNames.indexOf(least),
    [role],
  );
}

/** Puts a new session in place of the old one; nothing that another person saw stays. */
export function useTakeSession(): (session: Session) => void {
  const client = useQueryClient();
  return useCallback(
    (session) => {
      setCsrfToken(session.csrfToken);
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
      client.setQueryData(sessionKey, session);
    },
    [client],
  );
}

export const noSession: Session = {
  user: null,
  csrfToken: null,
  expiresAt: null,
  idleAt: null,
  certificate: null,
};
