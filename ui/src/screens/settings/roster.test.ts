import { expect, it } from 'vitest';
import type { ListedPerson } from '../../contract/ListedPerson';
import type { Operator } from '../../contract/Operator';
import type { RosterView } from '../../contract/RosterView';
import { operators } from '../../fixtures/asks/settings';
import { changeText, keyText, keyTime, whyNotTake } from './roster';

const roster = (...changes: string[]): RosterView =>
  ({ people: changes.map((change) => ({ change }) as ListedPerson) }) as RosterView;

it('says why there is nothing to take up', () => {
  expect(whyNotTake(undefined, true)).toBe('The file is not read');
  expect(whyNotTake(roster('refused', 'refused'), true)).toBe('Nobody on it can be taken up');
  expect(whyNotTake(roster('same', 'refused'), true)).toBe('Everybody on it is known already');
  expect(whyNotTake(roster('same', 'ended'), true)).toBeNull();
  expect(whyNotTake(roster('new'), true)).toBeNull();
  expect(whyNotTake(roster('new'), false)).toBe('Choose an operator first');
});

it('has words for every change', () => {
  const words = ['new', 'changed', 'ended', 'same', 'refused'].map((change) =>
    changeText({ change } as ListedPerson),
  );
  expect(new Set(words).size).toBe(5);
  expect(changeText({ change: 'other' } as ListedPerson)).toBe('other');
});

it('says how a key stands: revoked before anything else, then where it lies', () => {
  const [here] = operators(false).operators as [Operator, ...Operator[]];
  const there = { ...here, origin: 'ee', valid_until: '2027-01-01T00:00:00Z' };
  const over = { ...there, revoked_since: '2026-11-01T00:00:00Z' };
  expect([here, there, over].map(keyText)).toEqual([
    'key on this computer, since',
    'works on another computer, taken until',
    'revoked, not to be believed since',
  ]);
  expect([here, there, over].map(keyTime)).toEqual([here.added_at, there.valid_until, over.revoked_since]);
});
