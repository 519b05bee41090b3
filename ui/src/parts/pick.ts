/** Things to pick from by typing: palette, environment switcher, search. Pure, so that the order can be tested. */
import { computeCommandScore } from 'bits-ui';
import type { Component } from 'svelte';

export interface Pick {
  id: string;
  /** Heading it stands under. */
  group: string;
  label: string;
  detail?: string;
  /** What of it matched, or its place: said at the right. */
  remark?: string;
  keys?: string;
  icon?: Component<{ size?: number }>;
  /** Further words it is found by. */
  words?: string[];
  /** Why it cannot be picked now. */
  refused?: string;
  isCurrent?: boolean;
}

/** Keeps what fits the text, best first; groups stay together in the order of their best. */
export function ranked(picks: readonly Pick[], text: string): Pick[] {
  const wanted = text.trim();
  if (wanted === '') return [...picks];
  const scored = picks
    .map((pick, order) => ({
      pick,
      order,
      score: computeCommandScore(pick.label, wanted, [...(pick.words ?? []), pick.group]),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.order - b.order);
  const groups = [...new Set(scored.map(({ pick }) => pick.group))];
  return groups.flatMap((group) => scored.filter(({ pick }) => pick.group === group).map(({ pick }) => pick));
}

/** The next active row for a key, going round at the ends; `null` when the key does not move. */
export function stepped(key: string, active: number, total: number): number | null {
  if (total === 0) return null;
  switch (key) {
    case 'ArrowDown':
      return (active + 1) % total;
    case 'ArrowUp':
      return (active - 1 + total) % total;
    case 'PageDown':
      return Math.min(total - 1, active + 8);
    case 'PageUp':
      return Math.max(0, active - 8);
    default:
      return null;
  }
}
