import { expect, it } from 'vitest';
import { audit } from '../../fixtures/asks/ledger';
import { chainWord, readable, whoText } from './model';

const request = {
  kind: '',
  operator: '',
  object: '',
  is_signed: false,
  window: { text: '', sort: '', is_reversed: false, skip: 0, take: 10 },
};

it.each([
  ['ready', 'whole'],
  ['failing', 'broken'],
  ['never', 'unverified'],
] as const)('in state %s the chain is %s', (state, word) => {
  expect(chainWord(audit(state, request).chain)).toBe(word);
});

it('makes JSON readable and leaves everything else as it is', () => {
  expect(readable('{"a":"1"}')).toBe('{\n  "a": "1"\n}');
  expect(readable('not json')).toBe('not json');
});

it('names the program where no person acted', () => {
  const [row] = audit('ready', request).entries.rows;
  expect(whoText({ ...row!, operator: '' })).toBe('the program');
});
