/**
 * Files the program writes: somebody chooses the place, the program writes there. The page gets a handle, never a path,
 * and choosing nothing is no failure.
 */
import type { Failure } from '../contract/Failure';
import type { Acts } from '../contract/list';
import type { ListExport } from '../contract/ListExport';
import { act } from './ask';
import { failureOf } from './failure';
import type { Order } from './rows.svelte';
import { pickSave } from './window';

/** Acts that write a chosen file. */
type Writer = {
  [N in keyof Acts]: Acts[N]['request'] extends { file: string }
    ? Acts[N] extends { secret: string }
      ? never
      : N
    : never;
}[keyof Acts];

/** A file that can be saved, as the button for it sees it. */
export interface Saving<A> {
  readonly isRunning: boolean;
  readonly failure: Failure | null;
  forget(): void;
  /** Asks where, then writes; `null` when nothing was chosen or written. */
  run(): Promise<A | null>;
}

/** Saves what an act writes; `wanted` gives the proposed name and the rest of the request when it is asked. */
export function saving<N extends Writer>(
  name: N,
  wanted: () => { name: string; request: Omit<Acts[N]['request'], 'file'> },
): Saving<Acts[N]['answer']> {
  let isRunning = $state(false);
  let failure = $state.raw<Failure | null>(null);
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
    async run() {
      if (isRunning) return null;
      isRunning = true;
      failure = null;
      try {
        // Taken before the place is chosen: what is written is what was on screen.
        const { name: proposed, request } = wanted();
        const picked = await pickSave(proposed);
        if (picked === null) return null;
        const write = act as (name: N, request: unknown) => Promise<Acts[N]['answer']>;
        return await write(name, { ...request, file: picked.handle });
      } catch (thrown) {
        failure = failureOf(thrown);
        return null;
      } finally {
        isRunning = false;
      }
    },
  };
}

type Filters = Partial<Omit<ListExport, 'list' | 'file' | 'window'>> & Pick<ListExport, 'environment'>;

/** Saves a list with the filters and the order in force. */
export const savingList = (list: ListExport['list'], filters: () => Filters, order: () => Order) =>
  saving('list_export', () => ({
    name: `${list}.csv`,
    request: {
      status: '',
      verdict: '',
      currency: '',
      days: 0,
      delivery: '',
      row: '',
      kind: '',
      ...filters(),
      list,
      window: { ...order(), skip: 0, take: 0 },
    },
  }));
