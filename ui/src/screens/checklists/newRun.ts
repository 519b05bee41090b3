/** What a new run must have. The program checks it again. */
import type { Operator } from '../../contract/Operator';
import type { RolePerson } from '../../contract/RolePerson';
import type { SigningRole } from '../../contract/SigningRole';

export function releaseFault(release: string): string | null {
  const tag = release.trim();
  if (tag === '') return 'A run is for one release: name its tag or version.';
  if (/\s/.test(tag)) return 'A tag has no spaces.';
  return tag.length > 80 ? 'At most 80 characters.' : null;
}

export type Holder = Pick<Operator, 'id' | 'name' | 'roles' | 'revoked_since'>;

/** The role somebody holds to sign one of several lines of it: `reviewer` for `reviewer_2`. */
const unnumbered = (role: string): string => role.replace(/_\d+$/, '');

/** Who is proposed for a role: the only one who holds it; nobody where several do, or none. */
export function proposed(role: string, people: readonly Holder[]): string {
  const holders = people.filter(
    ({ roles, revoked_since }) =>
      revoked_since === null && (roles.includes(role) || roles.includes(unnumbered(role))),
  );
  return holders.length === 1 ? (holders[0]?.id ?? '') : '';
}

/** Who is expected for each role: as chosen, else as proposed. Roles with nobody are left out. */
export const expectedOf = (
  roles: readonly SigningRole[],
  people: readonly Holder[],
  chosen: Readonly<Record<string, string>>,
): RolePerson[] =>
  roles
    .map(({ role }) => ({ role, operator: chosen[role] ?? proposed(role, people) }))
    .filter(({ operator }) => operator !== '');
