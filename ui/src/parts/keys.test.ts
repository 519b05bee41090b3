import { describe, expect, it } from 'vitest';
import { caps, isLetter, isTyping } from './keys.svelte';

describe('typing', () => {
  it.each([
    ['<input>', true],
    ['<textarea></textarea>', true],
    ['<select></select>', true],
    ['<input type="checkbox">', false],
    ['<input type="radio">', false],
    ['<button></button>', false],
    ['<div contenteditable="true"></div>', true],
  ])('in %s is %s', (markup, typing) => {
    const [element] = new DOMParser().parseFromString(markup, 'text/html').body.children;
    expect(isTyping(element ?? null)).toBe(typing);
  });
});

it.each([
  ['x', true],
  ['g o', true],
  ['Shift+R', true],
  ['$mod+K', false],
  ['Escape', false],
])('%s would be set off by typing: %s', (keys, letter) => {
  expect(isLetter(keys)).toBe(letter);
});

it('draws keys as caps', () => {
  expect(caps('$mod+K')).toEqual([['Ctrl', 'K']]);
  expect(caps('g o')).toEqual([['G'], ['O']]);
  expect(caps('Shift+(\\?)')).toEqual([['?']]);
});
