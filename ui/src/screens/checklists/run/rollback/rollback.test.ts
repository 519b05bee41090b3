import { describe, expect, it } from 'vitest';
import type { Indicator } from '../../../../contract/Indicator';
import type { ProcedureView } from '../../../../contract/ProcedureView';
import type { Said } from '../../../../contract/Said';
import {
  clearForm,
  endForm,
  endingWords,
  lampActs,
  lampFacts,
  othersThan,
  procedureName,
  procedureWord,
  stepsDone,
  tooFew,
} from './model';

const said = (by: string, text = ''): Said => ({ operator: by, by, at: '2026-11-20T09:00:00Z', text });
const lamp = (more: Partial<Indicator> = {}): Indicator => ({
  item: 'i',
  text: 'Database corruption',
  state: 'not_measured',
  is_tripped: false,
  sentence: '',
  tripped_at: null,
  acknowledged: null,
  cleared_by: [],
  clearings_needed: 2,
  count: 0,
  ...more,
});
const procedure = (more: Partial<ProcedureView> = {}): ProcedureView => ({
  section: ['Rollback Plan', 'Partial Rollback'],
  is_under_way: false,
  started: null,
  ended: null,
  ending: [],
  endings_needed: 2,
  steps: [],
  ...more,
});

describe('a lamp', () => {
  it('offers only what can be done with it', () => {
    expect(lampActs(lamp())).toEqual(['trip']);
    expect(lampActs(lamp({ is_tripped: true }))).toEqual(['acknowledge', 'clear']);
    expect(lampActs(lamp({ is_tripped: true, acknowledged: said('Dana') }))).toEqual(['clear']);
  });

  it('says who knows, who signed that it is over, and how often it tripped', () => {
    expect(lampFacts(lamp())).toEqual([]);
    const acknowledged = said('Dana', 'calling the bank');
    expect(lampFacts(lamp({ is_tripped: true, acknowledged, cleared_by: [said('Amal')], count: 2 }))).toEqual(
      [
        'Dana knows of it: calling the bank',
        'Amal signed that the cause is gone; 2 people have to while users are exposed.',
        'Tripped 2 times in this run.',
      ],
    );
    expect(lampFacts(lamp({ state: 'cleared', cleared_by: [said('Amal'), said('Dana')], count: 1 }))).toEqual(
      ['Amal and Dana signed that the cause is gone.', 'Tripped 1 time in this run.'],
    );
  });

  it('asks somebody else to sign the second time', () => {
    const people = ['Amal', 'Dana'].map((name) => ({ id: name, name, initials: name[0]! }));
    const given = [said('Amal')];
    expect(othersThan(given, people).map(({ id }) => id)).toEqual(['Dana']);
    expect(tooFew({ needed: 2, given: [] }, 1)).toContain('only one works here');
    expect(tooFew({ needed: 2, given }, 1)).toBe('');
    expect(clearForm(lamp()).about).toContain('two different people');
    expect(clearForm(lamp({ cleared_by: given })).about).not.toContain('two');
  });
});

describe('a procedure', () => {
  it('is ready, under way or ended', () => {
    expect(procedureWord(procedure())).toBe('ready');
    expect(procedureWord(procedure({ is_under_way: true, started: said('Dana') }))).toBe('under_way');
    expect(procedureWord(procedure({ started: said('Dana'), ended: said('Dana') }))).toBe('ended');
    expect(procedureName(procedure())).toBe('Partial Rollback');
    expect(procedureName(procedure({ section: [] }))).toBe('Rollback');
  });

  it('counts the steps that somebody did', () => {
    const steps = [
      { item: 'a', text: '1.', done: said('Dana', 'flag off') },
      { item: 'b', text: '2.', done: null },
    ];
    expect(stepsDone(procedure({ steps }))).toBe(1);
    expect(endForm(procedure({ steps })).subject).toBe('1 step not done: the record says which.');
    expect(endForm(procedure({ steps })).least).toBe(3);
    expect(endForm(procedure()).least).toBe(0);
  });

  it('says who has to sign that it is over, and who did', () => {
    expect(endingWords(procedure())).toBe(
      'No phase is opened until it has ended: 2 people have to sign that it is over.',
    );
    expect(endingWords(procedure({ ending: [said('Amal')] }))).toBe(
      'No phase is opened until it has ended: Amal signed, and 1 more has to.',
    );
  });
});
