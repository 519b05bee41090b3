import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testDesk } from '../fixtures/stages/desk';
import MaskedStage from '../fixtures/stages/MaskedStage.svelte';
import { clock } from './clock.svelte';
import { reveals } from './reveal.svelte';

const NOW = Date.parse('2026-11-20T09:42:00Z');
let number = 0;
const value = () => ({
  shown: 'a***@e***.com',
  reveal: { kind: 'customer', id: `cus_${(number += 1)}`, field: 'email' },
});

describe('a masked value', () => {
  let stop: () => void;
  beforeEach(() => {
    stop = clock.start(() => NOW);
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
    reveals.wanted = null;
  });

  it('asks for a reason before anything is shown', async () => {
    const masked = value();
    render(MaskedStage, { desk: testDesk(), value: masked });
    expect(screen.getByText('a***@e***.com')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Reveal e-mail' }));
    expect(reveals.wanted?.field).toEqual(masked.reveal);
    expect(screen.getByText('a***@e***.com')).toBeVisible();
  });

  it('shows itself for a minute at most, whatever the answer says', async () => {
    vi.useFakeTimers();
    const masked = value();
    render(MaskedStage, { desk: testDesk(), value: masked });
    reveals.show(masked.reveal, { text: 'anna@example.com', until: new Date(NOW + 3_600_000).toISOString() });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(screen.getByText('anna@example.com')).toBeVisible();
    await vi.advanceTimersByTimeAsync(59_500);
    expect(screen.queryByText('anna@example.com')).toBeNull();
    expect(screen.getByText('a***@e***.com')).toBeVisible();
  });

  it('is hidden again at once when asked', async () => {
    const masked = value();
    render(MaskedStage, { desk: testDesk(), value: masked });
    reveals.show(masked.reveal, { text: 'anna@example.com', until: new Date(NOW + 60_000).toISOString() });
    await userEvent.click(await screen.findByRole('button', { name: 'Hide e-mail' }));
    expect(screen.queryByText('anna@example.com')).toBeNull();
  });

  it('with nothing behind it has no button, and hostile text stays text', () => {
    const { container } = render(MaskedStage, {
      desk: testDesk(),
      value: { shown: '<img src=x onerror="alert(1)">\u202e', reveal: null },
    });
    expect(screen.getByText('<img src=x onerror="alert(1)">\ufffd')).toBeVisible();
    expect(container.querySelector('img')).toBeNull();
    expect(screen.queryByRole('button')).toBeNull();
  });
});
