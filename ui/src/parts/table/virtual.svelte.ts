/** Draws only what is in sight of a long list. A thin hold on the library, so that lists speak of rows and not of stores. */
import { createVirtualizer } from '@tanstack/svelte-virtual';
import { untrack } from 'svelte';
import { fromStore, get } from 'svelte/store';

interface Options {
  count(): number;
  /** Height of a row in CSS pixels. */
  size(index: number): number;
  scroller(): HTMLElement | undefined;
  /** How far the list was scrolled when it was left. */
  offset: number;
}

/** Rows drawn beyond each edge, so that scrolling never shows the ground. */
const OVERSCAN_ROWS = 12;

export function virtualRows({ count, size, scroller, offset }: Options) {
  const options = () => ({
    count: count(),
    estimateSize: size,
    getScrollElement: () => scroller() ?? null,
    overscan: OVERSCAN_ROWS,
    initialOffset: offset,
  });
  const store = createVirtualizer<HTMLElement, HTMLElement>(untrack(options));
  const now = fromStore(store);

  $effect(() => {
    const wanted = options();
    // Asked here only so that a change of what heights are made of measures anew.
    size(0);
    untrack(() => {
      get(store).setOptions(wanted);
      get(store).measure();
    });
  });

  return {
    /** The rows to draw, each with its place. */
    get items() {
      return now.current.getVirtualItems();
    },
    /** Height of the whole list. */
    get height() {
      return now.current.getTotalSize();
    },
    /** Brings a row into sight. */
    show(index: number) {
      untrack(() => get(store)).scrollToIndex(index, { align: 'auto' });
    },
  };
}
