import { describe, expect, it } from 'vitest';
import { templatePage, templates } from '../../fixtures/asks/checklists';
import { runs } from '../../fixtures/world/runs';
import { countsText, kept, kindName, probeText, progressText } from './model';
import { releaseFault } from './newRun';

const { rows } = templatePage('devflowhub-rollout');

it('tells counts by kind', () => {
  expect(
    countsText([
      { kind: 'auto', count: 3 },
      { kind: 'note', count: 0 },
      { kind: 'new_kind', count: 1 },
    ]),
  ).toBe('3 automatic, 1 new kind');
  expect(templates[0]!.rows).toBe(rows.length);
});

it('tells how far a run is', () => {
  expect(progressText(runs[0]!)).toBe('71 of 133, 3 failed, 6 unknown');
  expect(progressText(runs[2]!)).toBe('133 of 133');
});

describe('rows', () => {
  it('are found by text, section and check', () => {
    expect(kept(rows, 'TAX SETTINGS', '').map(({ text }) => text)).toEqual([
      'Tax settings configured (if applicable)',
    ]);
    expect(kept(rows, 'triggers', 'rollback')).toHaveLength(2);
    expect(kept(rows, 'repo.secrets', '')).toHaveLength(1);
    expect(kept(rows, '', '')).toHaveLength(rows.length);
  });

  it('say what proves them', () => {
    const person = rows.find((row) => row.probe === null)!;
    expect(probeText(person)).toBe('A person decides; data are shown');
    expect(probeText(rows[0]!)).toBe('stripe.account.activated');
    expect(kindName('auto')).toBe('Automatic');
  });
});

it.each([
  ['v2.14.0', null],
  ['', 'A run is for one release: name its tag or version.'],
  ['v 2', 'A tag has no spaces.'],
  ['v'.repeat(81), 'At most 80 characters.'],
])('release %j is refused with %j', (release, fault) => {
  expect(releaseFault(release)).toBe(fault);
});
