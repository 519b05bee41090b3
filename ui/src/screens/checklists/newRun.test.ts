import { expect, it } from 'vitest';
import { expectedOf, proposed, type Holder } from './newRun';

const person = (id: string, ...roles: string[]): Holder => ({ id, name: id, roles, revoked_since: null });
const people = [person('ana', 'qa', 'reviewer'), person('bo', 'qa'), person('cy', 'finance')];
const roles = ['qa', 'finance', 'reviewer_2', 'lead'].map((role) => ({ role, name: role }));

it('proposes who alone holds a role, also one of several lines of it', () => {
  expect(roles.map(({ role }) => proposed(role, people))).toEqual(['', 'cy', 'ana', '']);
  expect(proposed('finance', [{ ...person('cy', 'finance'), revoked_since: '2026-01-01T00:00:00Z' }])).toBe(
    '',
  );
});

it('sends who was chosen, else who is proposed, and nobody for the rest', () => {
  expect(expectedOf(roles, people, { qa: 'bo', finance: '' })).toEqual([
    { role: 'qa', operator: 'bo' },
    { role: 'reviewer_2', operator: 'ana' },
  ]);
});
