import { describe, expect, it } from 'vitest';
import { RunStory } from '../../../fixtures/asks/checklists';
import { commentFault, groupsOf, holds, nothingText, slotKey, slotToSign } from './model';

const { signatures } = new RunStory();
const none = { role: '', scope: '' };
const slot = (role: string, scope: string) =>
  signatures.find((one) => one.role === role && one.scope === scope)!;

it('puts slots into their groups, in the order in which they sign, the phases before the whole run', () => {
  expect(groupsOf([...signatures].reverse()).map(({ name, slots }) => `${name} ${slots.length}`)).toEqual([
    'Preparation 1',
    'Phase 1: Soft launch 2',
    'Phase 2: Everybody 1',
    'Development 3',
    'Operations 2',
    'Business 2',
    'Executive 2',
  ]);
});

it('tells slots of one role apart by what they sign', () => {
  expect(new Set(signatures.map(slotKey)).size).toBe(signatures.length);
  expect(new Set(signatures.map(({ role }) => role)).size).toBeLessThan(signatures.length);
});

describe('the slot to sign', () => {
  const keyed = (asked: typeof none, held: string[]) => slotToSign(signatures, asked, held);

  it('is the asked one, else the first this person can sign, else the first that can be signed', () => {
    expect(keyed({ role: 'operations_manager', scope: 'phase-2' }, [])).toBe(
      slot('operations_manager', 'phase-2'),
    );
    expect(keyed(none, ['qa_lead'])).toBe(slot('qa_lead', 'run'));
    expect(keyed(none, ['ceo'])).toBe(slot('operations_manager', 'phase-1'));
    expect(keyed({ role: 'qa_lead', scope: 'no-such-scope' }, [])).toBe(
      slot('operations_manager', 'phase-1'),
    );
    expect(slotToSign([], none, [])).toBeUndefined();
  });

  it('can be signed when it is open or has to be signed again; every other one says what holds it up', () => {
    expect(signatures.filter((one) => holds(one, signatures) === null).map(slotKey)).toEqual([
      'phase-1-operations_manager',
      'phase-1-finance',
      'run-qa_lead',
      'run-devops',
    ]);
    expect(holds(slot('operations_manager', 'phase-0'), signatures)).toBe('Signed by Amal Haddad.');
    expect(slot('devops', 'run').state).toBe('outdated');
  });

  it('waits for another slot of its role: the program would sign that one', () => {
    const both = [
      slot('operations_manager', 'phase-1'),
      { ...slot('operations_manager', 'run'), state: 'open' },
    ];
    expect(both.map((one) => holds(one, both))).toEqual([
      null,
      'The same role signs “Phase 1: Soft launch” first.',
    ]);
  });
});

it('does not claim that all have signed while some wait', () => {
  expect(nothingText(signatures)).toMatch(/waits for/);
  expect(nothingText([])).toBe('Every role has signed.');
});

it('asks why something is rejected', () => {
  expect(commentFault('reject', ' ')).not.toBeNull();
  expect(commentFault('reject', 'Prices differ.')).toBeNull();
  expect(commentFault('approve', '')).toBeNull();
});
