import { describe, expect, it } from 'vitest';
import { oneOf, textFault, wordFault } from './question';

describe('a question', () => {
  it.each([
    ['', 0, null],
    ['', 3, '3 characters at least.'],
    ['  a ', 3, '3 characters at least; 2 to go.'],
    ['abc', 3, null],
    [' ', 1, 'Say something.'],
  ])('takes %j when %i characters are needed: %j', (text, least, fault) => {
    expect(textFault(text, least)).toBe(fault);
  });

  it('takes its word however it is written, and no other', () => {
    expect(wordFault(' Rollback', 'rollback')).toBeNull();
    expect(wordFault('roll back', 'rollback')).toBe('Type “rollback” to go on.');
  });

  it('begins with whom one wishes, and passes on when they have answered', () => {
    const [ana, bo] = [{ id: 'ana' }, { id: 'bo' }];
    expect(oneOf([ana, bo], '', 'bo')).toBe('bo');
    expect(oneOf([ana, bo], 'ana', 'bo')).toBe('ana');
    expect(oneOf([ana], '', 'bo')).toBe('ana');
    expect(oneOf([], 'ana')).toBe('');
  });
});
