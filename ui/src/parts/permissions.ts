/** The reads a Stripe key should be able to do, as table and as a text for whoever makes the key. */
import type { Permission } from '../contract/Permission';

/** Reads that are not granted first, then those nobody could tell, then the rest; each in its given order. */
export function sorted(permissions: readonly Permission[]): Permission[] {
  const place: Record<string, number> = { denied: 0, unknown: 1, granted: 2 };
  return [...permissions].sort((a, b) => (place[a.granted] ?? 1) - (place[b.granted] ?? 1));
}

/** `12 of 14 reads are granted`. */
export const grantedText = (permissions: readonly Permission[]): string =>
  `${permissions.filter(({ granted }) => granted === 'granted').length} of ${permissions.length} reads are granted`;

/** What to send to the person who makes the key. */
export function recipe(permissions: readonly Permission[], account: string): string {
  const names = [...new Set(permissions.map(({ permission }) => permission))];
  return [
    `Please make a restricted key for the Stripe account ${account || '(which one)'}.`,
    'Developers > API keys > Create restricted key, with these permissions set to Read and everything else to None:',
    ...names.map((name) => `- ${name}`),
    'The key is used by Countersign, which only reads. It needs no write permission.',
  ].join('\n');
}
