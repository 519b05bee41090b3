/** Where a person was in a list, kept while the program runs so that coming back finds the list as it was left. */
export interface Place {
  offset: number;
  active: number;
}

/** Lists whose place is remembered; the oldest is forgotten first. */
const KEPT_MAX = 60;
const places = new Map<string, Place>();

export function remember(list: string, place: Place): void {
  places.delete(list);
  places.set(list, place);
  const [oldest] = places.keys();
  if (places.size > KEPT_MAX && oldest !== undefined) places.delete(oldest);
}

export const placeOf = (list: string): Place => places.get(list) ?? { offset: 0, active: -1 };
