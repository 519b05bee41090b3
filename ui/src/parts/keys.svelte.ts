/**
 * Keyboard shortcuts of whatever is on screen, and the list of them that `?` shows.
 * Single letters never fire while a text field has the focus, and the person can switch them off.
 */
import { untrack } from 'svelte';
import { tinykeys } from 'tinykeys';

export interface Shortcut {
  /** As tinykeys writes it: `$mod+K`, `g o`, `Shift+R`. */
  keys: string;
  /** What it does; without a label it works and is not listed. */
  label?: string;
  run(event: KeyboardEvent): void;
}

interface Scope {
  title: string;
  list(): Shortcut[];
}

class Shortcuts {
  scopes = $state.raw<Scope[]>([]);
  /** Whether single letters do anything. */
  hasLetters = $state(true);
}

export const registry = new Shortcuts();

const FIELDS = 'input, textarea, select, [contenteditable="true"]';

/** Whether a key press belongs to the text being typed. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  const field = target.closest(FIELDS);
  return (
    field !== null && !(field instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(field.type))
  );
}

/** Whether a shortcut is made of plain letters, so that typing would set it off. */
export const isLetter = (keys: string): boolean => !/\$mod|Control|Alt|Meta|^F\d|Escape/.test(keys);

function guarded({ keys, run }: Shortcut): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (isLetter(keys) && (!registry.hasLetters || isTyping(target))) return;
    // A dialog that is open has the keyboard for itself.
    if (document.querySelector('[role="dialog"][aria-modal="true"]') !== null) return;
    event.preventDefault();
    run(event);
  };
}

/** Makes shortcuts work while the component lives. */
export function shortcuts(title: string, list: () => Shortcut[]): void {
  $effect(() => {
    const scope = { title, list };
    registry.scopes = [...untrack(() => registry.scopes), scope];
    return () => {
      registry.scopes = registry.scopes.filter((other) => other !== scope);
    };
  });
  $effect(() => tinykeys(window, Object.fromEntries(list().map((one) => [one.keys, guarded(one)]))));
}

const isMac = /Mac/.test(globalThis.navigator?.platform ?? '');

const NAMES: Record<string, string> = {
  $mod: isMac ? '⌘' : 'Ctrl',
  Control: 'Ctrl',
  Shift: isMac ? '⇧' : 'Shift',
  Escape: 'Esc',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  '(\\?)': '?',
  'Shift+(\\?)': '?',
};

/** The caps to draw for a shortcut: presses in order, each made of keys. */
export function caps(keys: string): string[][] {
  return keys.split(' ').map((press) => {
    if (NAMES[press]) return [NAMES[press]];
    return press.split('+').map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
  });
}
