/** Notices that somebody was away from working line by line, at the first touch after it and before that touch acts. */
import { onMount } from 'svelte';
import { clock } from '../../../../parts/clock.svelte';
import { lastTouch, touched, wasAway } from './model';

/** Follows keys and clicks while the component lives; `worked` tells when the run itself was last worked on. */
export function awayFrom(run: () => string, worked: () => number | null | undefined) {
  let isAway = $state(false);

  function touch(event: Event) {
    if (isAway) return;
    const now = clock.exact();
    if (!wasAway(lastTouch(run()), now)) return touched(run(), now);
    isAway = true;
    event.preventDefault();
    event.stopPropagation();
  }
  onMount(() => {
    const kinds = ['keydown', 'pointerdown'] as const;
    for (const kind of kinds) addEventListener(kind, touch, { capture: true });
    return () => {
      for (const kind of kinds) removeEventListener(kind, touch, { capture: true });
    };
  });
  // Coming here anew is an interruption too, when the run was last worked on long ago.
  $effect(() => {
    const last = worked();
    if (last === undefined || lastTouch(run()) !== null) return;
    touched(run(), clock.exact());
    isAway = wasAway(last, clock.exact());
  });
  $effect(() => {
    if (wasAway(lastTouch(run()), clock.now)) isAway = true;
  });
  return {
    get isAway() {
      return isAway;
    },
    /** The last line was read again. */
    back() {
      isAway = false;
      touched(run(), clock.exact());
    },
  };
}
