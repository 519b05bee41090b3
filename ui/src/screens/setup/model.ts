/** The steps of setting up, and the rules of their forms. Secrets are judged by their shape and never kept. */
import type { DatabasePlace } from '../../contract/DatabasePlace';
import type { Environment } from '../../contract/Environment';
import type { Frame } from '../../contract/Frame';

export const STEPS = [
  { id: 'welcome', title: 'Welcome' },
  { id: 'operator', title: 'You' },
  { id: 'environment', title: 'Environment' },
  { id: 'stripe', title: 'Stripe key' },
  { id: 'permissions', title: 'Permissions' },
  { id: 'database', title: 'Billing database' },
  { id: 'sync', title: 'First sync' },
] as const;

export type StepId = (typeof STEPS)[number]['id'];

export const stepOf = (text: string): StepId => STEPS.find(({ id }) => id === text)?.id ?? 'welcome';

/** The step after another one; the last has none. */
export const stepAfter = (step: StepId): StepId | null =>
  STEPS[STEPS.findIndex(({ id }) => id === step) + 1]?.id ?? null;

/** Which steps are done, as far as can be told. */
export function doneSteps(frame: Frame, environment: Environment | undefined): Set<StepId> {
  const done = new Set<StepId>(['welcome']);
  if (frame.operators.length > 0) done.add('operator');
  if (frame.environments.length > 0) done.add('environment');
  if (environment?.stripe) done.add('stripe');
  if (environment?.stripe?.permissions.every(({ granted }) => granted === 'granted')) done.add('permissions');
  if (environment?.database) done.add('database');
  const brief = frame.environments.find(({ id }) => id === environment?.id);
  if (brief?.connections.some(({ data_through }) => data_through !== null)) done.add('sync');
  return done;
}

export interface KeyClass {
  word: 'restricted' | 'full' | 'refused' | 'unknown' | 'empty';
  mode: 'live' | 'test' | null;
  text: string;
}

/** Tells what a pasted key is by its prefix. Only the class leaves this function. */
export function keyClass(pasted: string): KeyClass {
  const key = pasted.replace(/["'\s]/g, '');
  if (key === '') return { word: 'empty', mode: null, text: '' };
  const mode = /_(live|test)_/.exec(key)?.[1] as 'live' | 'test' | undefined;
  const found = { mode: mode ?? null };
  if (/^rk_(live|test)_/.test(key))
    return { ...found, word: 'restricted', text: `A restricted ${mode} key: the right kind.` };
  if (/^sk_test_/.test(key))
    return { ...found, word: 'full', text: 'A full test key. It works; a restricted one can do less harm.' };
  if (/^sk_live_/.test(key)) {
    return {
      ...found,
      word: 'full',
      text: 'A full live key: it could charge cards and refund them. This program only reads, yet a restricted key is safer.',
    };
  }
  if (/^pk_/.test(key))
    return {
      ...found,
      word: 'refused',
      text: 'A publishable key is for web pages and cannot read billing. Paste a restricted key, rk_…',
    };
  if (/^whsec_/.test(key))
    return {
      ...found,
      word: 'refused',
      text: 'That is a webhook signing secret, not a key. Paste a restricted key, rk_…',
    };
  return {
    ...found,
    word: 'unknown',
    text: 'Keys of Stripe begin with rk_live_, rk_test_, sk_live_ or sk_test_.',
  };
}

/** Whether a key of this mode fits an environment of this class. */
export function modeFault(mode: KeyClass['mode'], environment: Environment | undefined): string | null {
  if (!mode || !environment) return null;
  if (environment.class === 'production' && mode === 'test')
    return 'A test key does not belong in production. Make a test environment for it.';
  if (environment.class !== 'production' && mode === 'live')
    return `A live key does not belong in ${environment.class}. Make a production environment for it.`;
  return null;
}

export const PASSPHRASE_CHARS_MIN = 12;

/** What can honestly be said of a passphrase: how long it is, and whether it is only repetition. */
export function strength(passphrase: string): {
  word: 'empty' | 'short' | 'weak' | 'fair' | 'good';
  text: string;
} {
  const length = [...passphrase].length;
  if (length === 0)
    return { word: 'empty', text: 'Four or more unrelated words are easy to type and hard to guess.' };
  if (length < PASSPHRASE_CHARS_MIN) {
    return {
      word: 'short',
      text: `${PASSPHRASE_CHARS_MIN} characters at least; ${PASSPHRASE_CHARS_MIN - length} to go.`,
    };
  }
  const kinds = new Set(passphrase.toLowerCase()).size;
  if (kinds < 6) return { word: 'weak', text: 'Long enough, yet made of very few different characters.' };
  if (length < 18)
    return { word: 'fair', text: 'Accepted. Every further word makes it much harder to guess.' };
  return { word: 'good', text: 'Good, as long as it is used nowhere else.' };
}

export function nameFault(name: string): string | null {
  return name.trim() === '' ? 'It is printed with every decision.' : null;
}

export function emailFault(email: string): string | null {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim()) ? null : 'An address such as dana@example.com.';
}

/** Names of environments, as the program takes them. */
export function environmentFault(name: string, taken: readonly string[]): string | null {
  const text = name.trim();
  if (!/^[A-Za-z0-9.-]{1,40}$/.test(text)) return '1 to 40 letters, digits, dots or dashes.';
  return taken.includes(text) ? 'There is one of this name already.' : null;
}

export type PlaceKind = 'server' | 'socket' | 'file';

export interface PlaceDraft {
  kind: PlaceKind;
  host: string;
  port: string;
  socket: string;
  user: string;
  database: string;
  ca_file: string;
  file: string;
  schema: string;
}

/** What is missing in a place, by field. */
export function placeFaults(draft: PlaceDraft): Partial<Record<keyof PlaceDraft, string>> {
  const faults: Partial<Record<keyof PlaceDraft, string>> = {};
  if (draft.kind === 'file') {
    if (draft.file.trim() === '') faults.file = 'Which file?';
    return faults;
  }
  if (draft.kind === 'server') {
    if (draft.host.trim() === '') faults.host = 'Which server?';
    if (/[@/?]|:\/\//.test(draft.host)) faults.host = 'The host alone, without user, password or path.';
    if (!/^\d{0,5}$/.test(draft.port) || Number(draft.port) > 65_535) faults.port = 'A number up to 65535.';
  }
  if (draft.kind === 'socket' && !draft.socket.startsWith('/'))
    faults.socket = 'The folder of the socket, such as /var/run/postgresql.';
  if (draft.user.trim() === '') faults.user = 'Which role?';
  if (draft.database.trim() === '') faults.database = 'Which database?';
  return faults;
}

/** A draft as the contract takes it. */
export function placeOf(draft: PlaceDraft): DatabasePlace {
  if (draft.kind === 'file') return { kind: 'sqlite', file: draft.file.trim() };
  return {
    kind: 'postgres',
    host: draft.kind === 'server' ? draft.host.trim() : '',
    port: draft.kind === 'server' ? draft.port.trim() : '',
    socket: draft.kind === 'socket' ? draft.socket.trim() : '',
    user: draft.user.trim(),
    database: draft.database.trim(),
    ca_file: draft.kind === 'server' ? draft.ca_file.trim() : '',
  };
}
