import { describe, expect, it } from 'vitest';
import { RunStory } from '../../../fixtures/asks/checklists';
import { commentFault, groupsOf, isSignable, roleToSign } from './model';

const { signatures } = new RunStory();

it('puts slots into their groups, in the order in which they sign', () => {
  expect(groupsOf([...signatures].reverse()).map(({ name, slots }) => `${name} ${slots.length}`)).toEqual([
    'Development 3',
    'Operations 2',
    'Business 2',
    'Executive 2',
  ]);
});

describe('the role to sign', () => {
  it('is the asked one, else an open one this person holds, else the first open one', () => {
    expect(roleToSign(signatures, 'cto', [])).toBe('cto');
    expect(roleToSign(signatures, '', ['devops'])).toBe('devops');
    expect(roleToSign(signatures, '', ['ceo'])).toBe('qa_lead');
    expect(roleToSign(signatures, 'no_such_role', [])).toBe('qa_lead');
    expect(roleToSign([], '', [])).toBe('');
  });

  it('can be signed when it is open or has to be signed again', () => {
    expect(signatures.filter(isSignable).map(({ role }) => role)).toEqual(['qa_lead', 'devops']);
  });
});

it('asks why something is rejected', () => {
  expect(commentFault('reject', ' ')).not.toBeNull();
  expect(commentFault('reject', 'Prices differ.')).toBeNull();
  expect(commentFault('approve', '')).toBeNull();
});
