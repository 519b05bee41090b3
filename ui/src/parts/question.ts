/** A question that is asked before something is written down; `Ask.svelte` draws it. */
import type { Failure } from '../contract/Failure';

export interface Question {
  title: string;
  /** What is kept and what follows. */
  about: string;
  /** What it is about, in its own words. */
  subject?: string;
  /** What the person says by answering, where that is not plain. */
  remark?: string;
  /** Name of the text field. */
  field: string;
  /** Least characters of the text; 0 leaves it open. */
  least: number;
  /** What the button does. */
  label: string;
  isDanger?: boolean;
  /** How wide the box may be, where a table stands in it. **Units**: pixels. */
  width?: number;
  /** A word that has to be typed, where nobody should get by accident. */
  word?: string;
  /** Why what is asked besides the text is not enough yet; `null` when it is. */
  fault?: () => string | null;
  /** What is said when it is done. */
  done: string;
  /** The act that answers: whether it runs, and why it was refused. */
  doing: { readonly isRunning: boolean; readonly failure: Failure | null; forget(): void };
  /** Does it; `null` when it was refused. */
  run(text: string): Promise<unknown>;
}

/** Why a text is not enough; `null` when it is. */
export function textFault(text: string, least: number): string | null {
  const missing = least - text.trim().length;
  if (missing <= 0) return null;
  const needed = least === 1 ? 'Say something' : `${least} characters at least`;
  return missing === least ? `${needed}.` : `${needed}; ${missing} to go.`;
}

/** Why a typed word is not the one that was asked for. */
export const wordFault = (typed: string, word: string): string | null =>
  typed.trim().toLowerCase() === word.toLowerCase() ? null : `Type “${word}” to go on.`;

/** Who of these people it is: the first wish that is among them, else the first of them; empty for nobody. */
export const oneOf = (people: readonly { id: string }[], ...wishes: readonly string[]): string =>
  wishes.find((wish) => people.some(({ id }) => id === wish)) ?? people[0]?.id ?? '';
