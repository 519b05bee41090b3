/** The list of shortcuts, put in order. */
import type { Shortcut } from '../parts/keys.svelte';

export interface Group {
  title: string;
  list: { keys: string; label: string }[];
}

/** What every table understands; tables handle these keys themselves. */
const TABLES: Group = {
  title: 'In a list',
  list: [
    { keys: 'j', label: 'Next row' },
    { keys: 'k', label: 'Previous row' },
    { keys: 'Enter', label: 'Open the row' },
    { keys: 'ArrowRight', label: 'Next column' },
    { keys: 's', label: 'Sort by the column' },
    { keys: 'c', label: 'Copy the cell' },
  ],
};

/** Groups of the same title are joined; what has no label is not listed; the screen's own come first. */
export function sheet(scopes: readonly { title: string; list: readonly Shortcut[] }[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { title, list } of scopes) {
    const group = groups.get(title) ?? { title, list: [] };
    for (const { keys, label } of list) {
      if (label && !group.list.some((one) => one.keys === keys)) group.list.push({ keys, label });
    }
    if (group.list.length > 0) groups.set(title, group);
  }
  const places = ['Everywhere', 'Go to'];
  const all = [...groups.values(), TABLES];
  return [
    ...all.filter(({ title }) => !places.includes(title)),
    ...all.filter(({ title }) => places.includes(title)),
  ];
}
