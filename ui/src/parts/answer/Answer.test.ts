import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '../../fixtures/mount';
import AnswerStage from '../../fixtures/stages/AnswerStage.svelte';
import { testDesk } from '../../fixtures/stages/desk';
import { answer, failure, type State } from '../../fixtures/standings';

function show(state: State | null, view: string[] = ['DFH-1'], more: Record<string, unknown> = {}) {
  const desk = testDesk();
  const data = state === null ? undefined : answer(state, false, view);
  render(AnswerStage, { desk, data, ...more });
  return { desk, user: userEvent.setup() };
}

describe('an answer', () => {
  it('is a skeleton while it is on its way', () => {
    show(null);
    expect(screen.getByTestId('loading')).toBeInTheDocument();
  });

  it('is shown when it is there', () => {
    show('ready');
    expect(screen.getByText('DFH-1')).toBeVisible();
    expect(screen.queryByRole('status')).toBeNull();
  });

  it.each([
    ['partial', 'notice-partial'],
    ['stale', 'notice-stale'],
    ['offline', 'notice-offline'],
    ['failing', 'notice-failed'],
    ['half', 'notice-unconnected'],
  ] as const)('in state %s shows what there is, and %s', (state, testid) => {
    show(state);
    expect(screen.getByText('DFH-1')).toBeVisible();
    expect(screen.getByTestId(testid)).toBeVisible();
  });

  it.each([
    ['denied', 'denied'],
    ['never', 'never-read'],
    ['unconnected', 'unconnected'],
  ] as const)('in state %s is not drawn as empty', (state, testid) => {
    show(state, []);
    expect(screen.getByTestId(testid)).toBeVisible();
    expect(screen.queryByTestId('empty')).toBeNull();
    expect(screen.queryByText('No invoices')).toBeNull();
  });

  it('tells nothing from no match', async () => {
    const onclear = vi.fn();
    show('ready', []);
    expect(screen.getByText('No invoices')).toBeVisible();
    const { user } = show('ready', [], { filters: 2, onclear });
    expect(screen.getByText('2 filters are active.')).toBeVisible();
    await user.click(screen.getByText('Clear filters'));
    expect(onclear).toHaveBeenCalledOnce();
  });

  it('that failed tells what, why, what is safe, and tries again', async () => {
    const refetch = vi.fn();
    const { desk, user } = show(null, [], { error: failure, refetch });
    const panel = screen.getByTestId('failure');
    expect(panel).toHaveAttribute('data-code', 'STRIPE_BAD_ANSWER');
    for (const text of [failure.what, failure.why, failure.safe, failure.trace])
      expect(panel).toHaveTextContent(text);
    await user.click(screen.getByTestId('retry'));
    expect(refetch).toHaveBeenCalledOnce();
    await user.click(screen.getByText('Copy report'));
    expect(desk.copy).toHaveBeenCalledWith(expect.stringContaining('STRIPE_BAD_ANSWER'), 'Report');
  });

  it('is not blanked by a refresh that failed', async () => {
    const { user } = show('ready', ['DFH-1'], { error: failure });
    expect(screen.getByText('DFH-1')).toBeVisible();
    await user.click(screen.getByText('Details'));
    expect(await screen.findByTestId('failure')).toBeVisible();
  });

  it('offers the step that helps', async () => {
    const { desk, user } = show('never');
    await user.click(screen.getByTestId('sync-now'));
    expect(desk.sync).toHaveBeenCalledOnce();
  });

  it('says that Stripe asked to slow down', () => {
    const desk = { ...testDesk(), remark: () => 'Stripe asked us to slow down; continuing at 5/s.' };
    render(AnswerStage, { desk, data: answer('partial', false, ['DFH-1']) });
    expect(screen.getByTestId('notice-partial')).toHaveTextContent('continuing at 5/s');
  });

  it('marks invented figures', () => {
    render(AnswerStage, { desk: testDesk(), data: answer('ready', true, ['DFH-1']) });
    expect(screen.getByRole('img', { name: 'Invented figure' })).toBeVisible();
  });

  it.each(['ready', 'offline', 'denied', 'half'] as const)(
    'passes the accessibility check in state %s',
    async (state) => {
      show(state);
      await expectAccessible();
    },
  );
});
