import { describe, expect, it } from 'vitest';
import { RunStory } from '../../../fixtures/asks/checklists';
import {
  commentFault,
  groupsOf,
  holds,
  linesNamed,
  meaningText,
  nameOf,
  nothingText,
  requestName,
  signatureName,
  slotKey,
  slotToSign,
  whyNotAsk,
  isHeld,
} from './model';

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
    expect(signatures.filter((one) => holds(one) === null).map(slotKey)).toEqual([
      'phase-1-operations_manager',
      'phase-1-finance',
      'run-qa_lead',
      'run-devops',
    ]);
    expect(holds(slot('operations_manager', 'phase-0'))).toBe('Signed by Amal Haddad.');
    expect(slot('devops', 'run').state).toBe('outdated');
  });

  it('does not wait for another slot of its role: the program is told which one is meant', () => {
    expect(holds({ ...slot('operations_manager', 'run'), state: 'open' })).toBeNull();
  });
});

describe('asking on another computer', () => {
  it('is possible for what can be signed now, by somebody who works here', () => {
    expect(whyNotAsk(slot('qa_lead', 'run'), true)).toBeNull();
    expect(whyNotAsk(slot('qa_lead', 'run'), false)).toBe('Choose an operator first');
    expect(whyNotAsk(slot('operations_manager', 'phase-0'), true)).toBe('Signed by Amal Haddad.');
    expect(whyNotAsk(slot('ceo', 'run'), true)).toMatch(/waits for/i);
    expect(whyNotAsk(undefined, true)).toMatch(/Choose what/);
  });

  it('proposes names of files that say what they are', () => {
    expect(requestName('v2.14.0 rc/1', 'qa_lead')).toBe('v2.14.0-rc-1-qa_lead-request.json');
    expect(signatureName('v2.14.0', 'qa_lead')).toBe('v2.14.0-qa_lead-signature.json');
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

it('finds the lines a rejection opens again by their text, and keeps those chosen', () => {
  const lines = [
    { item: null, label: 'The run', says: '' },
    { item: 'a', label: 'Keys rotated', says: 'verified' },
    { item: 'b', label: 'Runbook read', says: 'confirmed' },
  ];
  const ids = (text: string, chosen: string[]) => linesNamed(lines, text, chosen).map(({ item }) => item);
  expect(ids('', [])).toEqual(['a', 'b']);
  expect(ids(' RUN', [])).toEqual(['b']);
  expect(ids('run', ['a'])).toEqual(['a', 'b']);
  expect(ids('nothing', [])).toEqual([]);
});

it('calls a role by its name in the run, and a meaning by what was done', () => {
  const qa = slot('qa_lead', 'run');
  expect(nameOf(signatures, qa)).toBe(qa.name);
  expect(nameOf([], qa)).toBe('Qa lead');
  expect(['approve', 'review', 'reject', 'other'].map(meaningText)).toEqual([
    'approved',
    'reviewed',
    'rejected',
    'other',
  ]);
});

it('tells a line of a role from the other lines of it, and who may sign it', () => {
  const slot = { role: 'reviewer_2', scope: 'run' };
  expect(isHeld(['reviewer'], slot)).toBe(true);
  expect(isHeld(['reviewer_2'], slot)).toBe(true);
  expect(isHeld(['qa_engineer'], slot)).toBe(false);
});
