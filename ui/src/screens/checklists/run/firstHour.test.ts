import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { firstHour } from '../../../fixtures/asks/dates';
import { expectAccessible, mountApp } from '../../../fixtures/mount';
import { NOW } from '../../../fixtures/world/time';
import { hourText, isHourShown, minuteTip, minuteTone } from './firstHour';

describe('the first hour', () => {
  const hour = firstHour();

  it('is told in words, and a gap is no success', () => {
    expect(hourText(hour, 'UTC')).toBe('32 of 60 minutes seen, 1 failed (09:20), 2 unknown, 2 missed');
    expect(minuteTone('read')).toBe('read');
    expect(minuteTone('missed')).toBe('missed');
    expect(minuteTone('unknown')).toBe('unknown');
    expect(minuteTip(hour.minutes[12]!, 'UTC')).toBe(
      '09:20: Fail\nVerify webhook receipt: fail: 2 events did not arrive',
    );
    expect(minuteTip(hour.minutes[5]!, 'UTC')).toBe('09:13: Nobody looked');
  });

  it('stays in sight for a day', () => {
    expect(isHourShown(hour, NOW)).toBe(true);
    expect(isHourShown(hour, Date.parse(hour.since) + 25 * 3_600_000)).toBe(false);
    expect(isHourShown(hour, Date.parse(hour.since) - 1)).toBe(false);
  });

  it('stands in the head of a run that was deployed', async () => {
    mountApp('/checklists/runs/run_bm7');
    expect(await screen.findByTestId('first-hour')).toHaveTextContent('32 of 60 minutes seen');
    expect(screen.getByTestId('first-hour').querySelectorAll('li')).toHaveLength(60);
  });

  it('is told minute by minute to the keyboard', async () => {
    const { user } = mountApp('/checklists/runs/run_bm7');
    const minutes = await screen.findByTestId('minutes');
    minutes.focus();
    await user.keyboard('{ArrowRight>13/}');
    expect(minutes).toHaveTextContent('10:20: Fail Verify webhook receipt: fail: 2 events did not arrive');
    expect(screen.getByRole('tooltip')).toHaveTextContent('10:20: Fail');
    await user.keyboard('{ArrowLeft}');
    expect(minutes).toHaveTextContent(/^10:19/);
    await expectAccessible(screen.getByTestId('first-hour'));
    await user.keyboard('{Escape}');
    expect(minutes).not.toHaveTextContent(/\d/);
    await user.keyboard('{End}');
    expect(minutes).toHaveTextContent(/To come/);
    minutes.blur();
    await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull());
  });
});
