import { expect, it } from 'vitest';
import { listed, plural, short, visible, visibleLines } from './text';

it.each([
  ['plain', 'plain'],
  ['شركة النور', 'شركة النور'],
  ['a\u202egnp.exe', 'a\ufffdgnp.exe'],
  ['zero\u200bwidth', 'zero\ufffdwidth'],
  ['bell\u0007', 'bell\ufffd'],
  ['<b>bold</b>', '<b>bold</b>'],
])('shows what cannot be seen in %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

it.each([
  ['cus_QhT2mT9xKd04bZ', 'cus_…Kd04bZ'],
  ['evt_short', 'evt_short'],
  ['a3f09c1d55e7720c4416ab9c41e07b5a', '…e07b5a'],
  ['cus_\u202e123456789012', 'cus_…789012'],
])('shortens %s', (id, text) => {
  expect(short(id)).toBe(text);
});

it('counts and lists in words', () => {
  expect([plural(1, 'row'), plural(1_200, 'row'), plural(2, 'entry', 'entries')]).toEqual([
    '1 row',
    '1,200 rows',
    '2 entries',
  ]);
  expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
});

it('keeps the breaks people made between lines, and nothing else unseen', () => {
  expect(visibleLines('one\r\ntwo\n\u202ethree\ttabs')).toBe('one\ntwo\n\ufffdthree\ufffdtabs');
});
