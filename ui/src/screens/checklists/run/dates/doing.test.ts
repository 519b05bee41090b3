/** What a date asks of the person who does it, over the invented company. */
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { expectAccessible, mountApp } from '../../../../fixtures/mount';
import { failure } from '../../../../fixtures/standings';
import { route } from '../../../../parts/route.svelte';

const sent = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args['request']);

/** Opens the dialog of the date with this text. */
async function doing(text: string, index = 0) {
  const mounted = mountApp('/checklists/runs/run_2140?tab=dates');
  const dates = (await screen.findAllByTestId('date')).filter((date) => date.textContent?.includes(text));
  await mounted.user.click(within(dates[index]!).getByTestId('date-done'));
  await screen.findAllByTestId('measured');
  return mounted;
}

describe('a date that is done', () => {
  it('needs a word on each payment that failed, and begins with what was said before', async () => {
    const { user, wire } = await doing('Review failed payments');
    const rows = await screen.findAllByTestId('failed-payment');
    expect(rows).toHaveLength(3);
    const chosen = () => rows.map((row) => within(row).getByRole<HTMLSelectElement>('combobox').value);
    expect(chosen()).toEqual(['retrying', '', '']);
    await user.click(screen.getByTestId('ask-submit'));
    expect(await screen.findByText(/Say what is done about each payment; 2 to go/)).toBeInTheDocument();
    expect(sent(wire, 'occurrence_done')).toEqual([]);
    await user.selectOptions(within(rows[1]!).getByRole('combobox'), 'contacted');
    await waitFor(() => expect(screen.queryByTestId('dispose-rest')).toBeNull());
    await user.selectOptions(within(rows[2]!).getByRole('combobox'), 'written_off');
    await expectAccessible();
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(sent(wire, 'occurrence_done')).toHaveLength(1));
    expect(sent(wire, 'occurrence_done')[0]).toMatchObject({
      dispositions: [
        { record: 'ch_3Qd81LKz', disposition: 'retrying' },
        { record: 'ch_3Qd77MQa', disposition: 'contacted' },
        { record: 'ch_3Qd75Zzt', disposition: 'written_off' },
      ],
    });
  });

  it('is not done while what it asks cannot be measured, and tries again', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140?tab=dates');
    const ask = wire.call.bind(wire);
    let isBroken = true;
    wire.call = (command, args) =>
      command === 'snapshot' && isBroken ? Promise.reject(failure as unknown as Error) : ask(command, args);
    const dates = await screen.findAllByTestId('date');
    const date = dates.find(({ textContent }) => textContent?.includes('Review failed payments'));
    await user.click(within(date!).getByTestId('date-done'));
    const retry = await within(screen.getByTestId('ask')).findByTestId('retry');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(screen.getByTestId('ask-submit')).toHaveAttribute('aria-disabled', 'true'));
    expect(sent(wire, 'occurrence_done')).toEqual([]);
    isBroken = false;
    await user.click(retry);
    expect(await screen.findAllByTestId('failed-payment')).toHaveLength(3);
  });

  it('opens by its address, and leaves it there when it is closed', async () => {
    const { user, wire } = await doing('Weekly metric reviews');
    const asked = sent(wire, 'snapshot')[0] as { item: string };
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    route.set({ do: `run_2140 ${asked.item} review` });
    expect(await screen.findByTestId('answer-attendees')).toBeVisible();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(route.get('do')).toBe('');
    // Going back closes it too, and another address is another date.
    route.set({ do: `run_2140 ${asked.item} review` });
    expect(await screen.findByTestId('answer-attendees')).toBeVisible();
    route.set({ do: '' });
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
  });

  it('takes one word for all that have none', async () => {
    const { user } = await doing('Review failed payments');
    const rest = await screen.findByTestId('dispose-rest');
    await user.selectOptions(within(rest).getByRole('combobox'), 'ignored');
    const rows = screen.getAllByTestId('failed-payment');
    await waitFor(() =>
      expect(rows.map((row) => within(row).getByRole<HTMLSelectElement>('combobox').value)).toEqual([
        'retrying',
        'ignored',
        'ignored',
      ]),
    );
  });

  it('asks what was changed, with the value before and after', async () => {
    const { user, wire } = await doing('Performance optimization');
    await user.click(screen.getByTestId('ask-submit'));
    expect(await screen.findAllByText('The date needs an answer to this.')).toHaveLength(3);
    for (const [question, text] of [
      ['change', 'An index on invoices'],
      ['before', 'p95 240 ms'],
      ['after', 'p95 130 ms'],
    ] as const) {
      await user.type(screen.getByTestId(`answer-${question}`), text);
    }
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(sent(wire, 'occurrence_done')).toHaveLength(1));
    expect(sent(wire, 'occurrence_done')[0]).toMatchObject({
      said: [
        { question: 'change', text: 'An index on invoices' },
        { question: 'before', text: 'p95 240 ms' },
        { question: 'after', text: 'p95 130 ms' },
        { question: 'attendees', text: '' },
      ],
    });
  });

  it('shows its report as tables, saves it before and after, and may name who took part', async () => {
    const { user, wire } = await doing('Weekly metric reviews');
    const tables = await screen.findAllByTestId('seen-table');
    expect(tables[0]).toHaveTextContent(/Before and after.*MRR.*47,102\.50 EUR.*\+412\.15 EUR/);
    expect(screen.getByTestId('answer-attendees')).toBeVisible();
    await user.click(within(screen.getByTestId('ask')).getByTestId('report-save'));
    await waitFor(() => expect(sent(wire, 'report_save')).toHaveLength(1));
    expect(sent(wire, 'report_save')[0]).toMatchObject({
      key: 'review',
      shown: expect.stringMatching(/^7d1f/),
    });
    await user.keyboard('{Escape}');
    const said = await screen.findByTestId('date-said');
    expect(said).toHaveTextContent('Took part Dana Reyes, Amal Haddad');
    await user.click(screen.getByTestId('report-save'));
    await waitFor(() => expect(sent(wire, 'report_save')).toHaveLength(2));
    expect(sent(wire, 'report_save')[1]).toMatchObject({ key: 'review-before', shown: '' });
    expect(route.get('tab')).toBe('dates');
  });
});
