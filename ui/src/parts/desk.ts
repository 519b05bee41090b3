/** What parts may do beyond drawing, handed down by the window's frame so that no part needs to know how it is done. */
import { createContext } from 'svelte';
import type { Reveal } from '../contract/Reveal';
import type { Revealed } from '../contract/Revealed';

export interface Desk {
  /** Puts a text on the clipboard and says so. */
  copy(text: string, what: string, isSensitive?: boolean): void;
  /** Asks the program for a masked value; rejects with a `Failure`. Written to the ledger. */
  reveal(field: Reveal, reason: string): Promise<Revealed>;
  /** Begins to read the environment's sources again. */
  sync(): void;
  /** What must be known of the work that reads now, such as that Stripe asked to slow down. */
  remark(): string | null;
  /** Opens the page outside where a key's permissions are granted. */
  permissions(): void;
}

export const [desk, provideDesk] = createContext<Desk>();
