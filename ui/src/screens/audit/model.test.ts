import { expect, it } from 'vitest';
import { audit } from '../../fixtures/asks/ledger';
import { chainWord, leftText, newer, readable, whoText } from './model';

const request = {
  kind: '',
  operator: '',
  object: '',
  environment: '',
  from: '',
  to: '',
  is_signed: false,
  window: { text: '', sort: '', is_reversed: false, skip: 0, take: 10 },
};

it.each([
  ['ready', 'whole'],
  ['failing', 'broken'],
  ['never', 'unverified'],
  ['stale', 'partial'],
] as const)('in state %s the chain is %s', (state, word) => {
  expect(chainWord(audit(state, request).chain)).toBe(word);
});

it('is not whole while the rules refuse what an entry says', () => {
  const { chain } = audit('ready', request);
  const findings = [{ seq: 7, text: 'It has no effect on run run_2140: Development signs first.' }];
  const verified = { ...chain.verified!, ok: false, findings };
  expect(chainWord({ ...chain, verified })).toBe('refused');
  expect(chainWord({ ...chain, verified: { ...verified, entries: 1 } })).toBe('refused');
  const first_bad = { seq: 7, reason: 'HASH', text: 'Its bytes do not give its hash.' };
  expect(chainWord({ ...chain, verified: { ...verified, first_bad } })).toBe('broken');
});

it('says how many entries nobody looked at yet', () => {
  const { chain } = audit('stale', request);
  expect(leftText(chain)).toBe('The other 117 were not looked at yet: “Verify all” does.');
  expect(leftText({ ...chain, entries: chain.verified!.entries + 1 })).toMatch(/^The other one was not/);
});

it('holds on to the newer of two verifications', () => {
  const [old, fresh] = ['2026-11-20T08:00:00Z', '2026-11-20T09:00:00Z'].map((at) => ({
    ...audit('ready', request).chain.verified!,
    at,
  }));
  expect(newer(old!, fresh!)).toBe(fresh);
  expect(newer(fresh!, old!)).toBe(fresh);
  expect(newer(null, old!)).toBe(old);
});

it('makes JSON readable and leaves everything else as it is', () => {
  expect(readable('{"a":"1"}')).toBe('{\n  "a": "1"\n}');
  expect(readable('not json')).toBe('not json');
});

it('names the program where no person acted', () => {
  const [row] = audit('ready', request).entries.rows;
  expect(whoText({ ...row!, operator: '' })).toBe('the program');
});
