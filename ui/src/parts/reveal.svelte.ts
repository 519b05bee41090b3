/** Masked values that were revealed, for the minute they may stay on screen, and the one question that is open. */
import { SvelteMap } from 'svelte/reactivity';
import type { Reveal } from '../contract/Reveal';
import type { Revealed } from '../contract/Revealed';
import { clock } from './clock.svelte';

export interface Wanted {
  field: Reveal;
  anchor: HTMLElement;
}

const keyOf = ({ kind, id, field }: Reveal): string => `${kind}/${id}/${field}`;

/** Longest time a revealed value stays, whatever the answer says. */
const SHOWN_MAX_MS = 60_000;

class Reveals {
  /** The value somebody wants to see; its reason is being asked for. */
  wanted = $state.raw<Wanted | null>(null);
  #shown = new SvelteMap<string, string>();

  textOf(field: Reveal): string | undefined {
    return this.#shown.get(keyOf(field));
  }

  ask(field: Reveal, anchor: HTMLElement): void {
    this.wanted = { field, anchor };
  }

  show(field: Reveal, { text, until }: Revealed): void {
    const key = keyOf(field);
    this.#shown.set(key, text);
    const left = Math.min(SHOWN_MAX_MS, Math.max(0, Date.parse(until) - clock.exact()));
    setTimeout(() => this.#shown.delete(key), left);
  }

  hide(field: Reveal): void {
    this.#shown.delete(keyOf(field));
  }
}

export const reveals = new Reveals();
