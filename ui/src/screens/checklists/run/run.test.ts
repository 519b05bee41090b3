import { describe, expect, it } from 'vitest';
import type { ItemView } from '../../../contract/ItemView';
import { RunStory } from '../../../fixtures/asks/checklists';
import { actOfKey, actsOf, dayFault, dayIn, endOfDay, likeliest } from './acts';
import { fileName } from './files';
import {
  farewell,
  freshText,
  kept,
  linesOf,
  nextOpen,
  occurring,
  pathKey,
  peopleText,
  printText,
  statesIn,
  type Filter,
} from './model';

const { items } = new RunStory();
const all: Filter = { text: '', show: '', state: '', kind: '', owner: '', source: '', section: '' };
const NOW = Date.parse('2026-11-20T09:42:00Z');

it.each([
  [null, ''],
  ['2026-11-20T09:41:00Z', 'too old'],
  ['2026-11-20T10:00:00Z', 'fresh < 1 h'],
  ['2026-11-21T09:42:00Z', 'fresh 24 h'],
  ['2026-11-30T09:42:00Z', 'fresh 10 days'],
])('a result that counts until %j is %j', (fresh_until, text) =>
  expect(freshText({ ...items[0]!, fresh_until }, NOW)).toBe(text),
);

it('a run says goodbye once it has ended with every line complete', () => {
  const page = new RunStory().page('run_2140');
  const brief = { ...page.brief, complete: page.brief.total };
  expect(farewell(page)).toBe('');
  expect(farewell({ ...page, ended_at: '2026-11-20T09:42:00Z' })).toBe('');
  expect(farewell({ ...page, brief, ended_at: '2026-11-20T09:42:00Z' })).toBe(
    'Good luck with your deployment!',
  );
});

it.each([
  [[], ''],
  [['Amal', 'Bo', 'Cy'], 'Amal, Bo, Cy'],
  [['Amal', 'Bo', 'Cy', 'Di'], 'Amal, Bo and 2 more'],
])('people %j are told as %j', (names, text) => expect(peopleText(names)).toBe(text));

describe('the list', () => {
  it('has a heading wherever the section changes, and knows what is nested', () => {
    const lines = linesOf(items);
    expect(lines.filter(({ line }) => line === 'section')).toHaveLength(
      new Set(items.map((item) => pathKey(item.section))).size,
    );
    const nested = lines.filter((line) => line.line === 'item' && line.depth === 1);
    expect(nested).toHaveLength(4);
    expect(lines.filter(({ line }) => line === 'item')).toHaveLength(items.length);
  });

  it('narrows to a section with all below it', () => {
    const before = kept(items, { ...all, section: 'Before the release' });
    expect(before.every((item) => item.section[0] === 'Before the release')).toBe(true);
    expect(kept(items, { ...all, section: 'Before' })).toEqual([]);
    expect(kept(items, { ...all, state: 'failed' }).map(({ state }) => state)).toEqual([
      'failed',
      'failed',
      'failed',
      'failed',
    ]);
    expect(kept(items, { ...all, text: 'repo.SECRETS' })).toHaveLength(1);
  });

  it.each([
    ['me', (item: ItemView) => item.needs_me],
    ['somebody', (item: ItemView) => item.needs !== ''],
    ['failing', (item: ItemView) => item.state === 'failed'],
    ['unknown', (item: ItemView) => item.state === 'unknown'],
    ['stale', (item: ItemView) => item.state === 'stale'],
    ['manual', (item: ItemView) => item.kind === 'manual' && item.state === 'open'],
    ['waived', (item: ItemView) => item.state === 'waived'],
  ] as const)('shows what is asked for as %s, and something of it', (show, has) => {
    const shown = kept(items, { ...all, show });
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length).toBeLessThan(items.length);
    expect(items.filter((item) => has(item) && !shown.includes(item))).toEqual([]);
  });

  it('narrows to an owner and to where the facts come from, together', () => {
    const shown = kept(items, { ...all, owner: 'Dana Reyes', source: 'stripe' });
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.every((item) => item.owner === 'Dana Reyes' && item.source === 'stripe')).toBe(true);
    expect(occurring(items.map(({ source }) => source))).toContain('stripe');
    expect(kept(items, { ...all, show: 'unheard of' })).toHaveLength(items.length);
  });

  it('leads to the next open item, going round', () => {
    const [first] = items;
    const next = nextOpen(items, first!.id);
    expect(next?.state).toBe('needs_confirmation');
    const last = items.at(-1)!;
    expect(nextOpen(items, last.id)?.id).toBe(next?.id);
    expect(
      nextOpen(
        items.filter((item) => item.is_complete),
        first!.id,
      ),
    ).toBeNull();
  });

  it('puts what failed first, and words nobody knows last', () => {
    expect(statesIn(items)[0]).toBe('failed');
    expect(statesIn([{ ...items[0]!, state: 'brand_new' }, items[2]!]).at(-1)).toBe('brand_new');
  });
});

describe('acts', () => {
  it('stay in their order, with the reasons why not', () => {
    const acts = [
      { act: 'note', refused: null },
      { act: 'confirm', refused: 'A failed check cannot be confirmed by hand.' },
      { act: 'check', refused: null },
      { act: 'unheard_of', refused: null },
    ];
    expect(actsOf(acts).map(({ word }) => word)).toEqual(['check', 'confirm', 'note']);
  });

  it('answer to their key: x accepts a warning where there is nothing to confirm', () => {
    expect(actOfKey('x', [{ act: 'accept', refused: null }])).toBe('accept');
    expect(actOfKey('x', [{ act: 'confirm', refused: 'no' }])).toBe('confirm');
    expect(
      actOfKey('x', [
        { act: 'confirm', refused: 'no' },
        { act: 'accept', refused: null },
      ]),
    ).toBe('accept');
    expect(actOfKey('w', [])).toBeNull();
  });

  it('that only a person can do is likelier than checking once more', () => {
    const check = { act: 'check', refused: null };
    const confirm = (refused: string | null) => ({ act: 'confirm', refused });
    expect(likeliest(actsOf([check, confirm(null)]))).toBe('confirm');
    expect(likeliest(actsOf([check, confirm('It was not checked yet')]))).toBe('check');
    expect(likeliest(actsOf([confirm('no'), { act: 'note', refused: null }]))).toBeUndefined();
  });

  it.each([
    ['2026-12-04', null],
    ['2026-11-19', 'Choose a day in the future.'],
    ['2027-03-01', 'At most 90 days from today.'],
    ['2026-02-31', 'The day on which it ends, such as 2026-12-04.'],
    ['12/04/2026', 'The day on which it ends, such as 2026-12-04.'],
    ['', 'The day on which it ends, such as 2026-12-04.'],
  ])('a waiver until %j is refused with %j', (day, fault) => {
    expect(dayFault(day, NOW)).toBe(fault);
  });

  it('end a waiver with its day', () => {
    expect(endOfDay(dayIn(14, NOW))).toBe('2026-12-04T23:59:59Z');
  });
});

it.each([
  ['acct_1JqK2eLkdIwHAEAL/live', 'acct_…wHAEAL, live'],
  ['be250fd2dcd10b556a459c954efab02da2ca5c2d930db7ced4d2b0b8a9395195', '…395195'],
  ['', ''],
])('shortens the fingerprint %s', (value, text) => {
  expect(printText({ source: 'database', value, text: '', state: 'pinned', connected: value })).toBe(text);
});

it.each([
  ['DevFlowHub rollout · v2.14.0', 'devflowhub-rollout-v2.14.0.pdf'],
  ['../../etc/passwd', 'etc-passwd.pdf'],
  ['…', 'run.pdf'],
  ['x'.repeat(300), `${'x'.repeat(80)}.pdf`],
])('names the file of the run %s', (name, file) => {
  expect(fileName(name, 'pdf')).toBe(file);
});
