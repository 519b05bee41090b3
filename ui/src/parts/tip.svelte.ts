/** Short explanations beside whatever is pointed at or focused. One layer for all of them: see Tip.svelte. */
import type { Attachment } from 'svelte/attachments';

interface Shown {
  text: string;
  anchor: Element;
}

class Tips {
  shown = $state.raw<Shown | null>(null);
}

export const tips = new Tips();

const WAIT_MS = 350;

/** Shows a text while the element is hovered or focused by keyboard. `null` shows nothing; lines break at `\n`. */
export function tip(text: () => string | null): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      const now = text();
      if (now !== null && now !== '') tips.shown = { text: now, anchor: element };
    };
    const hide = () => {
      clearTimeout(timer);
      if (tips.shown?.anchor === element) tips.shown = null;
    };
    const enter = () => {
      clearTimeout(timer);
      timer = setTimeout(show, WAIT_MS);
    };
    const focus = () => {
      if (element.matches(':focus-visible')) show();
    };
    const listeners = {
      pointerenter: enter,
      pointerleave: hide,
      pointerdown: hide,
      focusin: focus,
      focusout: hide,
    };
    for (const [name, heard] of Object.entries(listeners)) element.addEventListener(name, heard);
    return () => {
      hide();
      for (const [name, heard] of Object.entries(listeners)) element.removeEventListener(name, heard);
    };
  };
}
