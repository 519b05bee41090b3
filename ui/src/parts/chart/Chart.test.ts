import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '../../fixtures/mount';
import ChartStage from '../../fixtures/stages/ChartStage.svelte';
import { testDesk } from '../../fixtures/stages/desk';
import { chart } from '../../fixtures/world/scenes';

function show(name: 'mrr' | 'movements' | 'funnel') {
  const onopen = vi.fn();
  render(ChartStage, { desk: testDesk(), scene: chart(name, 760), onopen });
  return {
    onopen,
    user: userEvent.setup(),
    canvas: screen.getByRole('group', { name: /^Recurring revenue/ }),
  };
}

describe('a chart', () => {
  it('says in a sentence what it shows', () => {
    const { canvas } = show('mrr');
    expect(canvas.getAttribute('aria-label')).toContain(
      '11,520.00 USD (December 2024) to 65,388.08 USD (November 2026)',
    );
  });

  it('is walked along by keyboard, read out, and opened', async () => {
    const { canvas, onopen, user } = show('mrr');
    canvas.focus();
    await user.keyboard('{ArrowLeft}');
    expect(canvas).toHaveTextContent('November 2026: MRR 65,388.08 USD, so far');
    await user.keyboard('{ArrowLeft}{Enter}');
    expect(onopen).toHaveBeenCalledExactlyOnceWith('2026-10|usd|mrr');
  });

  it('opens the series that is aimed at', async () => {
    const { canvas, onopen, user } = show('movements');
    canvas.focus();
    await user.keyboard('{End}{ArrowDown}{ArrowDown}{Enter}');
    expect(onopen).toHaveBeenCalledExactlyOnceWith('2026-11|usd|expansion');
  });

  it('opens the bar that is clicked', async () => {
    const { canvas, onopen, user } = show('movements');
    const bars = canvas.querySelectorAll('rect.churn');
    await user.click(bars[bars.length - 1]!);
    expect(onopen).toHaveBeenCalledExactlyOnceWith('2026-11|usd|churn');
  });

  it('has a table twin with the same figures', async () => {
    const { user, canvas } = show('movements');
    canvas.focus();
    await user.keyboard('t');
    const table = within(screen.getByTestId('twin'));
    expect(table.getByRole('columnheader', { name: 'Churn' })).toBeVisible();
    expect(table.getByText('\u22121,114.30 USD')).toBeVisible();
  });

  it.each(['mrr', 'movements', 'funnel'] as const)('%s passes the accessibility check', async (name) => {
    show(name);
    await expectAccessible();
  });
});
