/** What of the person's preferences parts must know as numbers. Colours are not here: they follow from the root element. */
import type { Preferences } from '../contract/Preferences';

const ROW_PX = { comfortable: 34, compact: 28 } as const;

class LookState {
  density = $state<Preferences['density']>('comfortable');

  /** Height of a table row in CSS pixels. */
  get row(): number {
    return ROW_PX[this.density];
  }
}

export const look = new LookState();
