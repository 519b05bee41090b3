import { expect, it } from 'vitest';
import type { PhaseDraft } from '../../../contract/PhaseDraft';
import { changedPhases, phaseFault, shareText, signersText, soakText } from './phases';

const phase: PhaseDraft = {
  number: 1,
  name: 'Phase 1',
  exposure_pct: '10',
  tolerance_points: '2',
  soak_hours: 24,
  signed_by: ['finance_manager'],
};

it.each([
  [{}, null],
  [{ name: ' ' }, 'A phase has a name.'],
  [{ exposure_pct: '0' }, 'The share of users is a number above 0, up to 100.'],
  [{ exposure_pct: '101' }, 'The share of users is a number above 0, up to 100.'],
  [{ exposure_pct: '12.5', tolerance_points: '0' }, null],
  [{ tolerance_points: 'two' }, 'The tolerance is a number from 0 to 100.'],
  [{ exposure_pct: '' }, 'A tolerance is of a share of users, and there is none.'],
  [{ exposure_pct: '', tolerance_points: '', signed_by: [] }, null],
  [{ soak_hours: 0 }, null],
  [{ soak_hours: Number.NaN }, 'It soaks for 0 to 2160 hours.'],
  [{ soak_hours: 2161 }, 'It soaks for 0 to 2160 hours.'],
  [{ signed_by: [] }, 'Users are let in, so somebody signs it.'],
] as const)('a phase with %j has the fault %j', (change, fault) => {
  expect(phaseFault({ ...phase, ...change } as PhaseDraft)).toBe(fault);
});

it('is told in words', () => {
  expect(shareText(phase)).toBe('10 % of users, within 2 points');
  expect(shareText({ ...phase, tolerance_points: '1' })).toBe('10 % of users, within 1 point');
  expect(shareText({ ...phase, exposure_pct: '' })).toBe('Nobody');
  expect([soakText(phase), soakText({ ...phase, soak_hours: 0 })]).toEqual(['24 h', 'No soak']);
  expect([signersText(phase), signersText({ ...phase, signed_by: [] })]).toEqual([
    'Finance manager',
    'Nobody',
  ]);
  expect([...changedPhases([phase, { ...phase, number: 2, soak_hours: 1 }], [phase, phase])]).toEqual([2]);
});
