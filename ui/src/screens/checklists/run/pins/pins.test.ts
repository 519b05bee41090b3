import { expect, it } from 'vitest';
import type { Fingerprint } from '../../../../contract/Fingerprint';
import type { RunBrief } from '../../../../contract/RunBrief';
import { pinText, pinWord } from './model';

const print = (source: string, state: Fingerprint['state']): Fingerprint => ({
  source,
  value: 'a',
  text: `${source} a`,
  state,
  connected: null,
});
const page = (is_over: boolean, ...fingerprints: Fingerprint[]) => ({
  fingerprints,
  brief: { is_over } as RunBrief,
});

it('says of each source that is not as it was pinned what follows', () => {
  expect(pinText(page(false, print('stripe', 'pinned')))).toBe('');
  const text = pinText(page(false, print('stripe', 'changed'), print('database', 'not_pinned')));
  expect(text).toContain('Stripe is another than the pinned one');
  expect(text).toContain('Database was connected later and is not pinned yet.');
  expect(pinText(page(true, print('stripe', 'gone')))).toBe('');
  expect([pinWord(print('stripe', 'not_pinned')), pinWord(print('stripe', 'pinned'))]).toEqual([
    'not pinned',
    '',
  ]);
});
