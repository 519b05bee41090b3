/**
 * Long lists, a window at a time. The table says which rows it shows; the pages around them are asked for and cached
 * like every other answer, so a list of 100,000 customers costs what is looked at.
 */
import { createQueries } from '@tanstack/svelte-query';
import type { Asks } from '../contract/list';
import type { Money } from '../contract/Money';
import type { Rows } from '../contract/Rows';
import type { Window } from '../contract/Window';
import { ask, type AskName } from './ask';
import { asking, client, type Asked } from './query.svelte';

/** Rows in one page. */
export const PAGE_ROWS = 200;

/** Names of asks whose request has a window. */
export type ListName = {
  [N in AskName]: Asks[N]['request'] extends { window: Window } ? N : never;
}[AskName];

export type Order = Pick<Window, 'text' | 'sort' | 'is_reversed'>;

type Request<N extends ListName> = Omit<Asks[N]['request'], 'window'>;

/** The pages that hold the rows from `first` to `last`, the first page left out: it is always asked for. */
export function pagesOf(first: number, last: number, total: number): number[] {
  const end = Math.min(last, total - 1);
  const pages: number[] = [];
  for (let page = Math.floor(Math.max(0, first) / PAGE_ROWS); page * PAGE_ROWS <= end; page += 1) {
    if (page > 0) pages.push(page);
  }
  return pages;
}

export interface Listed<N extends ListName, T> {
  /** The first page: the answer whose state the screen shows. */
  readonly asked: Asked<Asks[N]['answer']>;
  readonly total: number;
  readonly totals: readonly Money[];
  /** The row, or nothing while its page is on its way. */
  at(index: number): T | undefined;
  /** Tells which rows are looked at. */
  see(first: number, last: number): void;
}

export function listing<N extends ListName, T>(
  name: N,
  request: () => Request<N> | null,
  order: () => Order,
  pick: (answer: Asks[N]['answer']) => Rows<T>,
): Listed<N, T> {
  let seen = $state({ first: 0, last: 0 });

  const windowed = (page: number): Asks[N]['request'] | null => {
    const wanted = request();
    if (wanted === null) return null;
    return {
      ...wanted,
      window: { ...order(), skip: page * PAGE_ROWS, take: PAGE_ROWS },
    } as Asks[N]['request'];
  };
  const asked = asking(name, () => windowed(0), { keeps: true });
  const head = $derived(asked.data === undefined ? undefined : pick(asked.data));
  const pages = $derived(asked.isPlaceholderData ? [] : pagesOf(seen.first, seen.last, head?.total ?? 0));

  const further = createQueries(
    () => ({
      queries: pages.map((page) => {
        const wanted = windowed(page) as Asks[N]['request'];
        return { queryKey: [name, wanted], queryFn: () => ask(name, wanted) };
      }),
    }),
    () => client,
  );

  return {
    asked,
    get total() {
      return head?.total ?? 0;
    },
    get totals() {
      return head?.totals ?? [];
    },
    at(index) {
      const page = Math.floor(index / PAGE_ROWS);
      if (page === 0) return head?.rows[index];
      const answer = further[pages.indexOf(page)]?.data as Asks[N]['answer'] | undefined;
      return answer === undefined ? undefined : pick(answer).rows[index - page * PAGE_ROWS];
    },
    see(first, last) {
      if (first !== seen.first || last !== seen.last) seen = { first, last };
    },
  };
}
