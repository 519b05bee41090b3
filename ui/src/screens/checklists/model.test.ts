import { describe, expect, it } from 'vitest';
import { templatePage, templates } from '../../fixtures/asks/checklists';
import { runs } from '../../fixtures/world/runs';
import {
  countsText,
  gateText,
  isLate,
  kept,
  keptRuns,
  kindName,
  probeText,
  progressText,
  runFacets,
  standText,
  whoConfirms,
  type RunFilter,
} from './model';
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

describe('runs', () => {
  const all: RunFilter = { text: '', state: '', owner: '', environment: '', gate: '' };
  const found = (filter: Partial<RunFilter>) => keptRuns(runs, { ...all, ...filter }).map(({ run }) => run);

  it.each<[Partial<RunFilter>, string[]]>([
    [{}, ['run_2140', 'run_bm7', 'run_2131']],
    [{ owner: 'me' }, ['run_2140']],
    [{ owner: 'Amal Haddad' }, ['run_bm7']],
    [{ state: 'active' }, ['run_2140', 'run_bm7']],
    [{ state: 'failing' }, ['run_2140']],
    [{ state: 'over' }, ['run_2131']],
    [{ state: 'sign' }, []],
    [{ environment: 'production' }, ['run_2140', 'run_2131']],
    [{ gate: 'overridden' }, ['run_bm7']],
    [{ gate: 'hold' }, ['run_2140', 'run_bm7']],
    [{ text: 'soft LAUNCH' }, ['run_2140']],
    [{ environment: 'staging', owner: 'me' }, []],
  ])('%j leaves %j', (filter, wanted) => expect(found(filter)).toEqual(wanted));

  it('add up, and say what is late and what was overridden', () => {
    for (const run of runs) {
      expect(run.complete + run.open + run.failed + run.unknown).toBe(run.total);
    }
    expect(standText(runs[0]!)).toBe('58 verified, 11 confirmed, 2 waived, 53 open, 3 failed, 6 unknown');
    expect(runs.map(gateText)).toEqual(['Hold', 'Overridden, hold', 'Passed']);
    expect(gateText({ ...runs[2]!, gate: '' })).toBe('Not evaluated');
    const now = Date.parse(runs[1]!.due_at!) + 1;
    expect(runs.map((run) => isLate(run, now))).toEqual([false, true, false]);
    expect(isLate({ ...runs[1]!, is_over: true }, now)).toBe(false);
  });

  it('offer only what occurs among them', () => {
    const options = Object.fromEntries(runFacets(runs).map(({ id, options }) => [id, options]));
    expect(options['owner']?.map(({ label }) => label)).toEqual([
      'Mine',
      'Amal Haddad',
      'Dana Reyes',
      'Jonas Lindqvist',
    ]);
    expect(options['gate']?.map(({ value }) => value)).toEqual(['hold', 'overridden', 'passed']);
  });
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

const ANYONE = 'Anyone who works on the run';

it.each([
  [{}, ANYONE],
  [{ confirm: ['finance_manager', 'ceo'] }, 'Finance manager or Ceo'],
  [{ strength: 'full' }, `${ANYONE}, and only a warning`],
  [{ strength: 'full', text: 'Queues created:' }, 'Nobody; the lines below decide'],
  [{ kind: 'metric', strength: '' }, 'Nobody; the value decides'],
  [{ kind: 'metric', strength: '', probe: null }, ANYONE],
  [{ kind: 'manual', strength: 'human', probe: null, text: 'Told:' }, ANYONE],
  [{ kind: 'command' }, `${ANYONE}, after running it`],
  [{ kind: 'schedule', confirm: ['finance_manager'] }, 'Finance manager, date by date'],
  [{ kind: 'contact', probe: 'contacts.complete' }, `${ANYONE}, by filling it in`],
  [{ kind: 'note', probe: 'run.note.version' }, `${ANYONE}, by filling it in`],
  [{ kind: 'note', probe: 'gate.phase_signed' }, 'Nobody; the gates keep it'],
  [{ kind: 'rollback', probe: null }, `${ANYONE}, under Rollback`],
  [{ kind: 'signoff', probe: 'signoff.qa_engineer' }, 'Whoever holds the role, by signing'],
])('who may confirm %j: %s', (row, who) => {
  const usual = { text: 'A line', kind: 'auto', strength: 'partial', probe: 'stripe.key.mode', confirm: [] };
  expect(whoConfirms({ ...usual, ...row })).toBe(who);
});

it.each([
  ['v2.14.0', null],
  ['', 'A run is for one release: name its tag or version.'],
  ['v 2', 'A tag has no spaces.'],
  ['v'.repeat(81), 'At most 80 characters.'],
])('release %j is refused with %j', (release, fault) => {
  expect(releaseFault(release)).toBe(fault);
});
