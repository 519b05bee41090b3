/** Tells the figures inside an answer that they are invented, so that each can carry its mark. */
import { createContext } from 'svelte';

const [get, set] = createContext<() => boolean>();

export const provideDemo = set;

/** Whether the surrounding answer is invented; outside an answer nothing is. */
export function demo(): () => boolean {
  try {
    return get();
  } catch {
    return () => false;
  }
}
