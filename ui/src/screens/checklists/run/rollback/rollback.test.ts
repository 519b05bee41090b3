import { describe, expect, it } from 'vitest';
import type { Indicator } from '../../../../contract/Indicator';
import type { ItemView } from '../../../../contract/ItemView';
import type { ProcedureView } from '../../../../contract/ProcedureView';
import { lampActs, lampFacts, lampWord, procedureName, procedureWord, stepsDone, stepWord } from './model';

const lamp = (more: Partial<Indicator> = {}): Indicator => ({
  item: 'i',
  text: 'Database corruption',
  is_tripped: false,
  sentence: '',
  acknowledged_by: '',
  cleared_by: [],
  count: 0,
  ...more,
});
const procedure = (more: Partial<ProcedureView> = {}): ProcedureView => ({
  section: ['Rollback Plan', 'Partial Rollback'],
  is_under_way: false,
  started: '',
  started_at: null,
  ended_at: null,
  steps: [],
  ...more,
});

describe('a lamp', () => {
  it('stays lit when somebody knows of it', () => {
    expect(lampWord(lamp())).toBe('armed');
    expect(lampWord(lamp({ is_tripped: true }))).toBe('tripped');
    expect(lampWord(lamp({ is_tripped: true, acknowledged_by: 'Dana' }))).toBe('acknowledged');
    expect(lampWord(lamp({ acknowledged_by: 'Dana' }))).toBe('armed');
  });

  it('offers only what can be done with it', () => {
    expect(lampActs(lamp())).toEqual(['trip']);
    expect(lampActs(lamp({ is_tripped: true }))).toEqual(['acknowledge', 'clear']);
    expect(lampActs(lamp({ is_tripped: true, acknowledged_by: 'Dana' }))).toEqual(['clear']);
  });

  it('says who knows, who would clear it, and how often it tripped', () => {
    expect(lampFacts(lamp())).toEqual([]);
    expect(
      lampFacts(lamp({ is_tripped: true, acknowledged_by: 'Dana', cleared_by: ['Amal'], count: 2 })),
    ).toEqual([
      'Dana knows of it.',
      'Amal would clear it; while users are exposed a second person has to.',
      'Tripped 2 times in this run.',
    ]);
  });
});

describe('a procedure', () => {
  it('is ready, under way or ended', () => {
    expect(procedureWord(procedure())).toBe('ready');
    expect(procedureWord(procedure({ is_under_way: true, started_at: 'x' }))).toBe('under_way');
    expect(procedureWord(procedure({ started_at: 'x', ended_at: 'y' }))).toBe('ended');
    expect(procedureName(procedure())).toBe('Partial Rollback');
    expect(procedureName(procedure({ section: [] }))).toBe('Rollback');
  });

  it('counts its steps and reads when each was done off its line', () => {
    const steps = [
      { item: 'a', text: '1.', is_done: true },
      { item: 'b', text: '2.', is_done: false },
    ];
    expect(stepsDone(procedure({ steps }))).toBe(1);
    const items = ['a', 'b'].map(
      (id) => ({ id, checked_at: '2026-11-20T09:00:00Z', state_text: 'Dana: flag off' }) as ItemView,
    );
    expect(stepWord(items, steps[0]!)).toEqual({ at: '2026-11-20T09:00:00Z', said: 'Dana: flag off' });
    expect(stepWord(items, steps[1]!)).toBeNull();
    expect(stepWord([], steps[0]!)).toBeNull();
  });
});
