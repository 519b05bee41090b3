/**
 * What to show of an answer: nothing yet, a failure, a reason why there is nothing, or the answer with what must be
 * said about it. Pure, and the only place where this is decided, so that no screen can forget a state.
 */
import type { Answer } from '../../contract/Answer';
import type { Failure } from '../../contract/Failure';
import type { Source } from '../../contract/Source';
import type { Standing } from '../../contract/Standing';
import type { Tone } from '../status';

export const SOURCE_NAMES: Record<Source, string> = { stripe: 'Stripe', database: 'the billing database' };

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export interface Notice {
  /** Stable word, for tests and for choosing the step that is offered. */
  word: 'partial' | 'offline' | 'failed' | 'stale' | 'refresh' | 'denied' | 'unconnected' | 'never';
  tone: Tone;
  text: string;
  failure?: Failure;
}

export type Shape =
  | { word: 'loading' }
  | { word: 'failed'; failure: Failure; since: string | null }
  | { word: 'unconnected'; source: Source }
  | { word: 'never'; source: Source }
  | { word: 'denied'; source: Source; permission: string }
  | { word: 'ready'; notices: Notice[] };

/** How an instant and a count are written; handed in, because the zone is the workspace's. */
export interface Words {
  when(instant: string): string;
  count(value: number): string;
}

const OFFLINE: readonly string[] = ['STRIPE_UNREACHABLE', 'PG_UNREACHABLE'];

export interface Seen {
  data: unknown;
  error: Failure | null;
  /** When the data on screen were answered, in words; for a refresh that failed. */
  answered: string;
}

const isAnswer = (data: unknown): data is Answer<unknown> =>
  typeof data === 'object' && data !== null && 'sources' in data && 'view' in data;

const standingsOf = (data: unknown): Standing[] => (isAnswer(data) ? data.sources : []);
export const isDemo = (data: unknown): boolean => isAnswer(data) && data.is_demo;

/** Decides what is shown. Old data are never blanked by a failed refresh. */
export function shapeOf({ data, error, answered }: Seen, words: Words): Shape {
  if (data === undefined) {
    return error ? { word: 'failed', failure: error, since: null } : { word: 'loading' };
  }
  const [first, ...others] = standingsOf(data);
  const blocked = first && blockOf(first);
  if (blocked) return blocked;
  const notices: Notice[] = [];
  if (error) {
    notices.push({
      word: 'refresh',
      tone: 'warn',
      text: `Could not refresh: ${error.why} Showing what was answered ${answered}.`,
      failure: error,
    });
  }
  for (const standing of first ? [first, ...others] : []) {
    const notice = noticeOf(standing, words);
    if (notice) notices.push(notice);
  }
  return { word: 'ready', notices };
}

/** A source on which everything stands, and which gives nothing. */
function blockOf({ source, state, data_through }: Standing): Shape | null {
  if (data_through !== null) return null;
  switch (state.word) {
    case 'not_connected':
      return { word: 'unconnected', source };
    case 'never_read':
      return { word: 'never', source };
    case 'not_permitted':
      return { word: 'denied', source, permission: state.permission };
    case 'failed':
      return { word: 'failed', failure: state.failure, since: state.since };
    default:
      return null;
  }
}

function noticeOf({ source, state, data_through, is_stale }: Standing, words: Words): Notice | null {
  const name = SOURCE_NAMES[source];
  const through = data_through === null ? '' : `; showing data through ${words.when(data_through)}`;
  switch (state.word) {
    case 'partial': {
      const about = state.about === null ? '' : ` of about ${words.count(state.about)}`;
      return {
        word: 'partial',
        tone: 'info',
        text: `Reading ${name}: ${words.count(state.have)}${about} objects so far.`,
      };
    }
    case 'failed': {
      const { failure, since } = state;
      const isOffline = OFFLINE.includes(failure.code);
      const text = isOffline
        ? `Offline: ${name} has not answered since ${words.when(since)}${through}.`
        : `${failure.what}: ${failure.why.replace(/\.$/, '')}. Failing since ${words.when(since)}${through}.`;
      return { word: isOffline ? 'offline' : 'failed', tone: isOffline ? 'unknown' : 'fail', text, failure };
    }
    case 'not_permitted':
      return {
        word: 'denied',
        tone: 'warn',
        text: `${capital(name)} refuses this read: "${state.permission}" is not granted${through}.`,
      };
    case 'not_connected':
      return {
        word: 'unconnected',
        tone: 'unknown',
        text: `${capital(name)} is not connected: what it would show is marked so.`,
      };
    case 'never_read':
      return {
        word: 'never',
        tone: 'unknown',
        text: `${capital(name)} was not read yet: what it would show is marked so.`,
      };
    default:
      return is_stale && data_through !== null
        ? {
            word: 'stale',
            tone: 'warn',
            text: `Data of ${name} through ${words.when(data_through)}: older than this screen's limit.`,
          }
        : null;
  }
}
