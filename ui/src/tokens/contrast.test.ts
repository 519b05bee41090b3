/** Holds the colours to their contrast: every text role on every surface it stands on, in every theme. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookOf } from './theme';

type Values = Record<string, string>;

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

function rules(css: string): { selector: string; values: Values }[] {
  const plain = css.replace(/\/\*[\s\S]*?\*\//g, '');
  return [...plain.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selector = '', body = '']) => ({
    selector: selector.trim(),
    values: Object.fromEntries(
      [...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map((m) => [m[1], m[2]?.trim()]),
    ),
  }));
}

const palette = rules(read('./palette.css'))[0]!.values;
const roles = rules(read('./roles.css'));
const of = (...selectors: string[]): Values =>
  Object.assign({}, palette, ...selectors.map((s) => roles.find((r) => r.selector === s)!.values));

const themes: Record<string, Values> = {
  light: of(':root'),
  dark: of(':root', ":root[data-theme='dark']"),
  'light, more contrast': of(':root', ":root[data-contrast='more']"),
  'dark, more contrast': of(
    ':root',
    ":root[data-theme='dark']",
    ":root[data-contrast='more']",
    ":root[data-theme='dark'][data-contrast='more']",
  ),
};

/** Relative luminance of an OKLCH colour, by the formulas of CSS Color 4 and WCAG 2. */
function luminance(values: Values, name: string): number {
  let value = values[name];
  while (value?.startsWith('var(')) value = values[value.slice(4, -1)];
  const numbers = /^oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)$/.exec(value ?? '');
  if (!numbers) throw new Error(`${name} is not an opaque oklch colour: ${value}`);
  const [l, c, h] = numbers.slice(1).map(Number) as [number, number, number];
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (x: number) => Math.min(1, Math.max(0, x));
  const red = clamp(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short);
  const green = clamp(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short);
  const blue = clamp(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(values: Values, one: string, other: string): number {
  const [low, high] = [luminance(values, one), luminance(values, other)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ['--canvas', '--surface', '--raised', '--sunken', '--hover', '--press', '--selected'];
const pairs: [string, string, number][] = [
  ...['--text', '--text-2', '--text-3'].flatMap((t) =>
    surfaces.map((s): [string, string, number] => [t, s, 4.5]),
  ),
  ...['--text', '--text-2'].map((t): [string, string, number] => [t, '--selected-strong', 4.5]),
  ...['--accent-text', '--ok', '--warn', '--fail', '--unknown', '--info'].flatMap((t) =>
    ['--surface', '--raised', '--canvas', '--hover', '--selected'].map((s): [string, string, number] => [
      t,
      s,
      4.5,
    ]),
  ),
  ...['ok', 'warn', 'fail', 'unknown', 'info'].flatMap((tone): [string, string, number][] => [
    [`--${tone}`, `--${tone}-tint`, 4.5],
    [`--${tone}-mark`, '--surface', 3],
  ]),
  ['--on-accent', '--accent', 4.5],
  ['--live-text', '--live', 4.5],
  ['--local-text', '--local', 4.5],
  ['--mismatch-text', '--mismatch', 4.5],
  ['--test-text', '--test', 4.5],
  ['--test-text', '--test-hatch', 4.5],
  ['--demo-text', '--demo', 4.5],
  ['--demo-text', '--demo-hatch', 4.5],
  ['--control-line', '--surface', 3],
  ['--focus', '--surface', 3],
  ['--focus', '--canvas', 3],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n): [string, string, number] => [`--series-${n}`, '--surface', 3]),
  ...['new', 'expansion', 'reactivation', 'contraction', 'churn'].map((m): [string, string, number] => [
    `--move-${m}`,
    '--surface',
    3,
  ]),
];

describe.each(Object.entries(themes))('theme %s', (_name, values) => {
  it.each(pairs)('%s on %s is at least %d', (text, surface, least) => {
    expect(contrast(values, text, surface)).toBeGreaterThanOrEqual(least);
  });
});

describe('the look', () => {
  it.each([
    ['system', true, false, 'dark', 'normal'],
    ['system', false, true, 'light', 'more'],
    ['light', true, false, 'light', 'normal'],
    ['dark', false, false, 'dark', 'normal'],
    ['contrast', true, false, 'dark', 'more'],
    ['contrast', false, false, 'light', 'more'],
  ] as const)('%s with dark %s and contrast %s is %s, %s', (theme, isDark, wantsContrast, look, more) => {
    expect(lookOf(theme, { isDark, wantsContrast })).toEqual({ theme: look, contrast: more });
  });
});
