/** Keys of people, here and elsewhere, in words. */
import type { ListedPerson } from '../../contract/ListedPerson';
import type { Operator } from '../../contract/Operator';
import type { RosterView } from '../../contract/RosterView';

/** Ending of the files that carry rosters. */
export const ROSTER_KINDS = ['json'];

const CHANGES: Record<string, string> = {
  new: 'New here',
  changed: 'Changed',
  ended: 'Key revoked there',
  same: 'Known',
  refused: 'Not taken up',
};

/** What a listed person means here. */
export const changeText = ({ change }: ListedPerson): string => CHANGES[change] ?? change;

/** Why there is nothing to take up; `null` when there is. */
export function whyNotTake(roster: RosterView | undefined, hasOperator: boolean): string | null {
  if (!roster) return 'The file is not read';
  if (roster.people.every(({ change }) => change === 'refused')) return 'Nobody on it can be taken up';
  if (roster.people.every(({ change }) => change === 'same' || change === 'refused'))
    return 'Everybody on it is known already';
  return hasOperator ? null : 'Choose an operator first';
}

/** How a key stands, before the time that belongs to it. */
export function keyText(one: Operator): string {
  if (one.revoked_since !== null) return 'revoked, not to be believed since';
  if (one.valid_until !== null) return 'works on another computer, taken until';
  return 'key on this computer, since';
}

/** The time that belongs to how a key stands. */
export const keyTime = (one: Operator): string => one.revoked_since ?? one.valid_until ?? one.added_at;
