/** Where the keys of a list lead. Pure, shared by every list that can be walked through. */

/** The row a key leads to, or `null` when the key does not move. `page` is how many rows are in sight. */
export function moved(key: string, active: number, total: number, page: number): number | null {
  if (total === 0) return null;
  const last = total - 1;
  const clamp = (index: number) => Math.max(0, Math.min(last, index));
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return clamp(active + 1);
    case 'ArrowUp':
    case 'k':
      return clamp(active < 0 ? 0 : active - 1);
    case 'PageDown':
      return clamp(Math.max(active, 0) + Math.max(1, page - 1));
    case 'PageUp':
      return clamp(active - Math.max(1, page - 1));
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
