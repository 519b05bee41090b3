/**
 * What only the window can do, outside the contract: file pickers (the page gets an opaque handle, never a path),
 * links (the program builds the address), the clipboard, and telling that the page is drawn.
 */
import { client } from './query.svelte';
import { transport, type Drag, type Show } from './transport';

export interface Picked {
  handle: string;
  name: string;
}

/** Kinds of places outside that the program knows how to open. */
export type LinkKind =
  | 'customer'
  | 'subscription'
  | 'invoice'
  | 'event'
  | 'webhook_endpoint'
  | 'stripe_keys'
  | 'contact_phone'
  | 'contact_mail';

const call = <A>(command: string, args: Record<string, unknown> = {}) =>
  transport().call(command, args) as Promise<A>;

export const pickOpen = (kinds: string[]) => call<Picked | null>('pick_open', { kinds });
export const pickSave = (name: string) => call<Picked | null>('pick_save', { name });
export const pickFolder = () => call<Picked | null>('pick_folder');
/** Hears of files dragged over the window; one that is let go has a handle, as if it had been chosen. */
export const followDrag = (heard: (drag: Drag) => void): Promise<() => void> =>
  transport().listen('drag', heard);
export const readText = (handle: string) => call<string>('read_text', { handle });
export const openLink = (kind: LinkKind, id: string) => call<void>('open_link', { kind, id });
export const copyText = (text: string, isSensitive = false) => call<void>('copy_text', { text, isSensitive });

const frames = (count: number): Promise<void> =>
  new Promise((drawn) => {
    const next = (left: number) => (left === 0 ? drawn() : requestAnimationFrame(() => next(left - 1)));
    next(count);
  });

/** Looks in a row that must find nothing on its way. */
const QUIET_LOOKS = 3;

/** Waits until every question on screen is answered and the result is drawn. */
export async function settled(): Promise<void> {
  await document.fonts?.ready;
  // An answer may bring up a part that asks something itself, so one quiet look is not enough.
  for (let quiet = 0; quiet < QUIET_LOOKS; quiet = client.isFetching() > 0 ? 0 : quiet + 1) await frames(2);
  await frames(2);
}

/**
 * Tells the program that the page is drawn, so that it need not warn about a blank window, and later that the first
 * screen shows what it is there for.
 */
export async function tellPainted(): Promise<void> {
  await frames(2);
  await call('painted');
  await settled();
  await call('shown');
}

/** Opens the invented company in a window of its own; this one closes. */
export const startDemo = () => call<void>('start_demo');

/** Shows what the program asks for and tells when it stands still. */
export const followShow = (show: (wanted: Show) => void): Promise<() => void> =>
  transport().listen('show', (wanted) => {
    show(wanted);
    void settled().then(() => call('shown'));
  });

/** Longest report of a fault in the page. */
const REPORT_CHARS_MAX = 2_000;

/** What the web view tells when a size settles a frame later: no fault. */
const LATER = /^ResizeObserver loop/;

/** Sends faults of the page itself to the program's log. */
export function reportFaults(): void {
  const report = (fault: unknown) => {
    const message =
      fault instanceof Error ? `${fault.name}: ${fault.message}\n${fault.stack ?? ''}` : String(fault);
    call('report', { message: message.slice(0, REPORT_CHARS_MAX) }).catch(() => undefined);
  };
  addEventListener('error', (event) => {
    if (!LATER.test(event.message)) report(event.error ?? event.message);
  });
  addEventListener('unhandledrejection', (event) => report(event.reason));
}
