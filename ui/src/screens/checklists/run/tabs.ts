/** The views of a run, in their order. */
export const TABS = [
  { id: 'items', label: 'Items' },
  { id: 'gates', label: 'Gates' },
  { id: 'rollback', label: 'Rollback' },
  { id: 'dates', label: 'Dates' },
  { id: 'contacts', label: 'Contacts' },
  { id: 'notes', label: 'Notes' },
] as const;

export type TabId = (typeof TABS)[number]['id'];

/** The view a route names; the items where it names none. */
export const tabOf = (word: string): TabId => TABS.find(({ id }) => id === word)?.id ?? 'items';
