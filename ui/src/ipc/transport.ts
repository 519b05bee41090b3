/**
 * The wire under `ask` and `act`, with two ends: the window (Tauri), and fixtures for a browser and for tests.
 * Which end is taken is decided once, at start; nothing above this file knows.
 */
import type { Topic } from '../contract/Topic';

/** What the window may be told to show by the program itself, for a picture of a screen. */
export interface Show {
  route: string;
  theme?: 'light' | 'dark' | 'contrast';
}

/** What a person drags over the window: whether something is over it, and the first file that was let go. */
export interface Drag {
  isOver: boolean;
  file: { handle: string; name: string } | null;
  /** How many more were let go with it. */
  others: number;
}

export interface Events {
  changed: Topic[];
  show: Show;
  drag: Drag;
}

export interface Transport {
  /** Calls one command. Rejects with a `Failure`, or with whatever broke on the way. */
  call(command: string, args: Record<string, unknown>): Promise<unknown>;
  /** Listens until the returned function is called. */
  listen<E extends keyof Events>(event: E, heard: (payload: Events[E]) => void): Promise<() => void>;
  /** The present moment, in milliseconds; fixtures live on a day of their own. */
  now(): number;
}

let end: Transport | undefined;

/** Whether the page runs inside the program's window. */
export const isInWindow = (): boolean => '__TAURI_INTERNALS__' in globalThis;

/** Chooses the end of the wire. Called once before the first question. */
export function connect(transport: Transport): void {
  end = transport;
}

export function transport(): Transport {
  if (!end) throw new Error('No transport is connected yet');
  return end;
}
