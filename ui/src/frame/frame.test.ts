import { describe, expect, it } from 'vitest';
import { frameOf } from '../fixtures/asks/frame';
import { screens } from '../screens';
import { commandsOf, environmentPicks, scopeOf } from './commands';
import { jobTitle, pace } from './jobs';
import { hitPicks, looksSecret } from './search';
import { sheet } from './sheet';

const frame = frameOf('ready', new URLSearchParams());

describe('commands', () => {
  it('offer every screen once, with the letter that leads there', () => {
    const places = commandsOf(frame, screens, ['revenue', 'customers']).filter(
      ({ group }) => group === 'Go to' || group === 'Recent',
    );
    expect(places.map(({ label }) => label).sort()).toEqual(
      screens
        .filter(({ isBare }) => !isBare)
        .map(({ title }) => title)
        .sort(),
    );
    expect(places.find(({ label }) => label === 'Checklists')?.keys).toBe('g h');
    expect(places[0]).toMatchObject({ group: 'Recent', label: 'Customers' });
  });

  it('say why one cannot be used', () => {
    const first = frameOf('first', new URLSearchParams());
    expect(commandsOf(first, screens, []).find(({ label }) => label === 'Sync now')?.refused).toBe(
      'There is no environment yet',
    );
  });

  it('mark the environment one is in', () => {
    expect(
      environmentPicks(frame)
        .filter(({ isCurrent }) => isCurrent)
        .map(({ label }) => label),
    ).toEqual(['demo']);
  });

  it('offer to work as everybody, and mark who does', () => {
    const people = commandsOf(frame, screens, []).filter(({ deed }) => deed.do === 'operator');
    expect(people.map(({ label }) => label)).toEqual(frame.operators.map(({ name }) => `Work as ${name}`));
    expect(people.filter(({ isCurrent }) => isCurrent).map(({ deed }) => deed)).toEqual([
      { do: 'operator', id: frame.operator },
    ]);
  });

  it('have names of their own', () => {
    const ids = commandsOf(frame, screens, ['revenue', 'overview']).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ['> sync', 'actions', 'sync'],
    [' @anna', 'customers', 'anna'],
    ['#backup', 'items', 'backup'],
    ['revenue ', 'all', 'revenue'],
    ['', 'all', ''],
  ])('%j searches %s for %j', (typed, scope, text) => {
    expect(scopeOf(typed)).toEqual({ scope, text });
  });
});

describe('search', () => {
  it.each([
    ['sk_live_abcdefgh', true],
    ['rk_test_123456', true],
    ['my key is whsec_abcdef', true],
    ['sub_1QhT2e', false],
    ['risk_live_review', false],
    ['anna@example.com', false],
  ])('%s looks like a secret: %s', (text, secret) => {
    expect(looksSecret(text)).toBe(secret);
  });

  it('groups hits where the best of each stands', () => {
    const hit = (kind: string, id: string) => ({
      kind,
      id,
      label: id,
      detail: '',
      matched: 'id',
      route: '/',
    });
    const picks = hitPicks([hit('invoice', 'a'), hit('customer', 'b'), hit('invoice', 'c')]);
    expect(picks.map(({ group, label }) => `${group} ${label}`)).toEqual([
      'Invoices a',
      'Invoices c',
      'Customers b',
    ]);
  });
});

describe('jobs', () => {
  const job = frameOf('partial', new URLSearchParams()).jobs[0]!;
  it('are named and tell their pace', () => {
    expect(jobTitle(job)).toBe('Sync · demo');
    expect(pace(job)).toBe(' · 182/s · 1 min 42 s left');
    expect(pace({ ...job, per_second: 0, seconds_left: null })).toBe('');
  });
});

it('joins shortcuts of one title, drops what has no name, and puts the screen first', () => {
  const one = (keys: string, label?: string) => ({ keys, label, run: () => undefined });
  const groups = sheet([
    { title: 'Everywhere', list: [one('/', 'Search'), one('$mod+F')] },
    { title: 'Run', list: [one('.', 'Next')] },
    { title: 'Everywhere', list: [one('$mod+K', 'Commands'), one('/', 'Search')] },
  ]);
  expect(groups.map(({ title }) => title)).toEqual(['Run', 'In a list', 'Everywhere']);
  expect(groups[2]?.list.map(({ keys }) => keys)).toEqual(['/', '$mod+K']);
});
