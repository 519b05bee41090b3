/** What a new run must have. The program checks it again. */
export function releaseFault(release: string): string | null {
  const tag = release.trim();
  if (tag === '') return 'A run is for one release: name its tag or version.';
  if (/\s/.test(tag)) return 'A tag has no spaces.';
  return tag.length > 80 ? 'At most 80 characters.' : null;
}
