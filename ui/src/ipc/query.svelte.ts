/**
 * Answers on screen: each lives in one cache, keyed by question and request, and stays until a topic says it is stale.
 * No answer is ever patched by hand; `live.ts` asks again instead.
 */
import { createQuery, QueryClient } from '@tanstack/svelte-query';
import type { Failure } from '../contract/Failure';
import type { Acts, Asks } from '../contract/list';
import { act, ask, type ActName, type AskName } from './ask';

/** How long an answer nobody looks at is kept. */
const KEPT_UNSEEN_MS = 10 * 60_000;

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: KEPT_UNSEEN_MS,
      retry: false,
      networkMode: 'always',
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
    },
  },
});

export const keyOf = <N extends AskName>(name: N, request: Asks[N]['request']) => [name, request] as const;

/** A question on screen, as parts see it. */
export interface Asked<A> {
  readonly data: A | undefined;
  readonly error: Failure | null;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly isPlaceholderData: boolean;
  readonly dataUpdatedAt: number;
  readonly errorUpdatedAt: number;
  refetch(): unknown;
}

/** The environment a request is about, when it is about one. */
const environmentOf = (request: unknown): unknown =>
  (request as { environment?: string } | null)?.environment;

/**
 * Keeps a question answered while the component lives. A request of `null` is not asked yet.
 *
 * With `keeps`, the previous answer stays on screen while a changed request is on its way: right for another order of
 * the same list, wrong for another record. It never stays across environments, because two must not mix on one screen.
 */
export function asking<N extends AskName>(
  name: N,
  request: () => Asks[N]['request'] | null,
  { keeps = false }: { keeps?: boolean } = {},
): Asked<Asks[N]['answer']> {
  type A = Asks[N]['answer'];
  return createQuery<object, Failure>(
    () => {
      const wanted = request();
      return {
        queryKey: [name, wanted],
        queryFn: () => ask(name, wanted as Asks[N]['request']),
        enabled: wanted !== null,
        placeholderData: (previous, query) =>
          keeps && environmentOf(query?.queryKey[1]) === environmentOf(wanted) ? previous : undefined,
      };
    },
    () => client,
  ) as unknown as Asked<A>;
}

/** An act with what a form needs to know: whether it runs, and why it was refused. */
export function acting<N extends ActName>(name: N) {
  let isRunning = $state(false);
  let failure = $state<Failure | null>(null);
  return {
    get isRunning() {
      return isRunning;
    },
    get failure() {
      return failure;
    },
    forget() {
      failure = null;
    },
    /** Runs the act unless it runs already; `null` means it was refused or is still running. */
    async run(...args: Parameters<typeof act<N>> extends [unknown, ...infer R] ? R : never) {
      if (isRunning) return null;
      isRunning = true;
      failure = null;
      try {
        return (await (act as (...all: unknown[]) => Promise<unknown>)(name, ...args)) as Acts[N]['answer'];
      } catch (refused) {
        failure = refused as Failure;
        return null;
      } finally {
        isRunning = false;
      }
    },
  };
}
