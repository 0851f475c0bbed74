/** The query cache: how answers of the vault are fetched, kept and renewed. */

import {
  QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { ResponseOf, RouteId } from '../../vault/api/contract.ts';
import { ApiError, call, type Parts } from '../api.ts';
import { useSettings } from './settings.ts';

const minuteMs = 60_000;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events say what has changed; this is for what no event tells of, such as the passing of time.
        staleTime: minuteMs,
        refetchInterval: 5 * minuteMs,
        refetchOnWindowFocus: true,
        retry: (count, error) => count < 2 && isPassing(error),
        retryDelay: (count) => Math.min(1000 * 2 ** count, 8000),
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

/** What may be better in a moment: no answer, or one that says so. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

/**
 * The answer of a route. The language is part of the key, since answers carry sentences.
 * @param parts undefined while what is asked for is not known yet
 */
export function useVault<I extends RouteId>(
  id: I,
  parts: Parts<I> | undefined,
  { keepsPrevious = false }: { readonly keepsPrevious?: boolean } = {},
): UseQueryResult<NonNullable<ResponseOf<I>>> {
  const { language } = useSettings();
  return useQuery({
    queryKey: [id, language, parts],
    enabled: parts !== undefined,
    ...(keepsPrevious
      ? { placeholderData: (previous: NonNullable<ResponseOf<I>> | undefined) => previous }
      : {}),
    queryFn: async ({ signal }) => {
      const answer = await call(id, { ...(parts as Parts<I>), signal });
      return answer as NonNullable<ResponseOf<I>>;
    },
  }) as UseQueryResult<NonNullable<ResponseOf<I>>>;
}

/** Changes something, and has everything that may show it read again. */
export function useChange<I extends RouteId>(
  id: I,
  {
    renews,
    onDone,
  }: {
    readonly renews: readonly RouteId[];
    readonly onDone?: (answer: ResponseOf<I>) => void;
  },
) {
  const client = useQueryClient();
  return useMutation<ResponseOf<I>, Error, Parts<I>>({
    mutationFn: (parts) => call(id, parts),
    async onSuccess(answer) {
      onDone?.(answer);
      await renew(client, renews);
    },
  });
}

export async function renew(client: QueryClient, routes: readonly RouteId[]): Promise<void> {
  await Promise.all(routes.map((route) => client.invalidateQueries({ queryKey: [route] })));
}
