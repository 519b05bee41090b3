import { describe, expect, it } from 'vitest';
import type { ItemView } from '../../../../contract/ItemView';
import { tabOf } from '../tabs';
import { againstText, changed, deployedFault, fieldsOf, momentOf, releaseFault, saidIn } from './model';

const line = (probe: string | null, state: string, state_text: string) =>
  ({ id: probe ?? 'x', text: 'Field:', probe, state, state_text }) as ItemView;

describe('a field', () => {
  it('is read off its line: the value, and who gave it', () => {
    expect(saidIn(line('p', 'confirmed', 'on Friday, by hand, by Dana Reyes'))).toEqual({
      value: 'on Friday, by hand',
      by: 'Dana Reyes',
    });
    expect(saidIn(line('p', 'verified', 'production'))).toEqual({ value: 'production', by: '' });
    expect(saidIn(line('p', 'open', 'Not filled in yet.')).value).toBe('');
  });

  it('is one of the form only by its proof; what binds the run is not typed', () => {
    const fields = fieldsOf(
      [
        line('run.note.version', 'verified', 'v1'),
        line('run.note.special_considerations', 'open', ''),
        line('stripe.key.mode', 'verified', ''),
        line(null, 'open', ''),
      ],
      [],
    );
    expect(fields.map(({ name, isBound, isLong }) => [name, isBound, isLong])).toEqual([
      ['version', true, false],
      ['special_considerations', false, true],
    ]);
    expect(fields[0]?.label).toBe('Field');
  });

  it('is sent only when it was changed; empty takes it back', () => {
    const fields = fieldsOf(
      [
        line('run.note.version', 'verified', 'v1'),
        line('run.note.deployed_by', 'confirmed', 'Bo, by Dana Reyes'),
        line('run.note.deployment_date', 'open', ''),
      ],
      [],
    );
    expect(changed(fields, {})).toEqual([]);
    expect(changed(fields, { 'run.note.deployed_by': 'Bo ', 'run.note.version': 'v2' })).toEqual([]);
    expect(changed(fields, { 'run.note.deployed_by': '', 'run.note.deployment_date': ' today' })).toEqual([
      { item: 'run.note.deployed_by', value: '', isOfRun: false },
      { item: 'run.note.deployment_date', value: 'today', isOfRun: false },
    ]);
  });

  it('is there in every run: what no line has is the run’s own, and only what was special is written', () => {
    const own = (field: string, value: string, item: string | null) => ({
      field,
      label: field,
      value,
      by: '',
      item,
    });
    const fields = fieldsOf(
      [line('run.note.version', 'verified', 'v1')],
      [
        own('version', 'v1', 'run.note.version'),
        own('deployed_by', 'Bo', null),
        own('special_considerations', '', null),
      ],
    );
    expect(fields.map(({ name, isOfRun, isBound }) => [name, isOfRun, isBound])).toEqual([
      ['version', false, true],
      ['deployed_by', true, true],
      ['special_considerations', true, false],
    ]);
    expect(changed(fields, { special_considerations: 'a frozen table', deployed_by: 'me' })).toEqual([
      { item: 'special_considerations', value: 'a frozen table', isOfRun: true },
    ]);
  });
});

describe('the course of a run', () => {
  it.each([
    ['', 'A tag, such as v2.15.0.'],
    ['v2 15', 'A tag has no spaces.'],
    [' v2.14.0 ', 'The run is about v2.14.0 already.'],
    ['v2.15.0', null],
  ])('a release %j is refused with %j', (text, fault) => {
    expect(releaseFault(text, 'v2.14.0')).toBe(fault);
  });

  it('a deployment lies between the beginning of the run and now', () => {
    const now = Date.parse('2026-11-20T09:00:00Z');
    expect(deployedFault(now + 1, '2026-11-18T00:00:00Z', now)).toBe('It lies in the future.');
    expect(deployedFault(now, '2026-11-18T00:00:00Z', now)).toBeNull();
    expect(deployedFault(0, '2026-11-18T00:00:00Z', now)).toBe('It lies before the run began.');
  });

  it('says what speaks against a deployment', () => {
    const at = Date.parse('2026-11-20T09:00:00Z');
    const window = { from: '2026-11-20T09:00:00Z', to: '2026-11-20T10:00:00Z' };
    const open = { window, has_preparation: true, prepared_at: '2026-11-20T08:00:00Z' };
    expect(againstText(at, open)).toBe('');
    expect(againstText(Date.parse(window.to), open)).toBe('outside the window');
    expect(againstText(at - 1, { ...open, prepared_at: null })).toBe(
      'outside the window and before the gate of the preparation was open',
    );
    expect(againstText(at, { window: null, has_preparation: false, prepared_at: null })).toBe('');
  });

  it('a moment is meant in the zone of the workspace', () => {
    expect(momentOf(' 2026-11-20', '10:00 ', 'Europe/Berlin')).toEqual({
      at: Date.parse('2026-11-20T09:00:00Z'),
    });
    expect(momentOf('2026-03-29', '02:30', 'Europe/Berlin')).toHaveProperty('fault');
  });

  it('shows the items where the route names no view', () => {
    expect([tabOf('gates'), tabOf(''), tabOf('nonsense')]).toEqual(['gates', 'items', 'items']);
  });
});
