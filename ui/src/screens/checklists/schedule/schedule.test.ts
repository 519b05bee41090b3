/** Contacts and dates over all runs, as people use them, over the invented company. */
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { expectAccessible, mountApp } from '../../../fixtures/mount';
import { route } from '../../../parts/route.svelte';
import { chosenRun, runChoices } from './model';

const sentTo = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args);

describe('contacts and schedule', () => {
  it('has the dates of every run, each with its run, and they are done here', async () => {
    const { user, wire } = mountApp('/schedule');
    const first = (await screen.findAllByTestId('date'))[0]!;
    expect(first).toHaveAttribute('data-state', 'missed');
    expect(within(first).getByTestId('date-run')).toHaveAttribute(
      'href',
      '#/checklists/runs/run_2140?tab=dates',
    );
    expect(screen.getByTestId('agenda-missed')).toHaveTextContent('1 missed');
    await expectAccessible();
    first.focus();
    await user.keyboard('x');
    await screen.findAllByTestId('measured');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(screen.getByTestId('agenda-missed')).toHaveTextContent('0 missed'));
    expect(sentTo(wire, 'occurrence_done')[0]?.['request']).toMatchObject({ run: 'run_2140' });
  });

  it('writes the dates of every run, or of the chosen one, as a calendar file', async () => {
    const { user, wire } = mountApp('/schedule');
    await user.click(await screen.findByTestId('agenda-export'));
    await waitFor(() =>
      expect(sentTo(wire, 'agenda_export')[0]?.['request']).toEqual({ environment: 'demo', file: 'file-2' }),
    );
    expect(await screen.findByText('dates-production.ics written')).toBeVisible();
    await user.selectOptions(screen.getByTestId('schedule-run'), 'run_2140');
    await waitFor(() => expect(route.get('run')).toBe('run_2140'));
    await user.click(screen.getByTestId('agenda-export'));
    await waitFor(() =>
      expect(sentTo(wire, 'run_export')[0]?.['request']).toMatchObject({ run: 'run_2140', format: 'ics' }),
    );
  });

  it('has the cards of a run, and takes what is missing from the run before', async () => {
    const { user, wire } = mountApp('/schedule');
    await user.click(await screen.findByRole('tab', { name: 'Contacts' }));
    expect((await screen.findAllByTestId('contact')).length).toBeGreaterThan(3);
    await expectAccessible();
    await user.click(screen.getByTestId('contacts-take'));
    await waitFor(() => expect(screen.queryByTestId('contacts-take')).toBeNull());
    expect(sentTo(wire, 'contacts_take')[0]?.['request']).toMatchObject({
      run: 'run_2140',
      from: 'run_2131',
    });
  });

  it('shows one run where one is chosen', async () => {
    const { user } = mountApp('/schedule');
    await user.selectOptions(await screen.findByTestId('schedule-run'), 'run_2131');
    expect(await screen.findByText('No dates')).toBeVisible();
    expect(route.get('run')).toBe('run_2131');
  });

  it.each(['/schedule', '/schedule/contacts'])('%s without runs says so', async (path) => {
    mountApp(path, 'state=empty');
    expect(await screen.findByText('No run yet')).toBeVisible();
  });
});

describe('the chosen run', () => {
  const brief = (run: string, started_at: string, is_over: boolean) =>
    ({ run, name: run, started_at, is_over }) as Parameters<typeof chosenRun>[0][number];
  const runs = [brief('old', '2026-01-01', false), brief('new', '2026-02-01', true)];

  it('is the wanted one, else the newest that goes on, else the newest', () => {
    expect(chosenRun(runs, 'new')?.run).toBe('new');
    expect(chosenRun(runs, '')?.run).toBe('old');
    expect(chosenRun([runs[1]!], '')?.run).toBe('new');
    expect(chosenRun([], '')).toBeUndefined();
  });

  it('is one of the runs for cards; dates are of all of them first', () => {
    expect(runChoices(runs, true).map(({ value }) => value)).toEqual(['old', 'new']);
    expect(runChoices(runs, false)[0]?.value).toBe('');
  });
});
