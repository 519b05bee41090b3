/** Walking through a short list by keyboard: the keys of tables, on elements that hold the focus themselves. */
import type { Attachment } from 'svelte/attachments';
import { isTyping, registry } from './keys.svelte';
import { moved } from './table/keys';

/** Moves the focus along what carries `data-walk` inside the element. */
export const walk: Attachment<HTMLElement> = (list) => {
  function onkeydown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key.length === 1 && !registry.hasLetters) return;
    const stops = [...list.querySelectorAll<HTMLElement>('[data-walk]')];
    const now = stops.findIndex((stop) => stop.contains(document.activeElement));
    const next = moved(event.key, now, stops.length, 8);
    if (next === null) return;
    event.preventDefault();
    stops[next]?.focus();
  }
  list.addEventListener('keydown', onkeydown);
  return () => list.removeEventListener('keydown', onkeydown);
};
