/** The views of a run as people use them, over the invented company. */
import { cleanup, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { snapshot } from '../../../fixtures/asks/dates';
import { expectAccessible, expectForgotten, mountApp } from '../../../fixtures/mount';
import { clock } from '../../../parts/clock.svelte';
import { route } from '../../../parts/route.svelte';

const RUN = '/checklists/runs/run_2140';
const at = (tab: string, params = '') => mountApp(`${RUN}?tab=${tab}`, params);
const sentTo = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args);

afterEach(() => vi.restoreAllMocks());

describe('the views of a run', () => {
  it.each([
    ['gates', 'gate'],
    ['rollback', 'call-list'],
    ['dates', 'dates'],
    ['contacts', 'contacts-print'],
    ['notes', 'notes-form'],
  ])('%s opens, and passes the accessibility check', async (tab, sign) => {
    const faults = vi.spyOn(console, 'error');
    at(tab);
    expect(await screen.findByTestId(sign)).toBeVisible();
    expect(faults).not.toHaveBeenCalled();
    await expectAccessible();
  });

  it.each([
    ['gates', 'No gates'],
    ['rollback', 'No rollback'],
    ['dates', 'No dates yet'],
    ['contacts', 'No contacts'],
  ])('%s without anything says so', async (tab, title) => {
    at(tab, 'state=empty');
    expect(await screen.findByText(title)).toBeVisible();
  });

  it('are reached by their numbers, and Escape leads back to the items', async () => {
    const { user } = mountApp(RUN);
    await screen.findAllByTestId('item');
    await user.keyboard('4');
    expect(await screen.findByTestId('month')).toBeVisible();
    expect(screen.getByTestId('tab-dates')).toHaveAttribute('aria-selected', 'true');
    await user.keyboard('{Escape}');
    expect(await screen.findAllByTestId('item')).not.toHaveLength(0);
    expect(route.path).toBe(RUN);
  });
});

describe('the head of a run', () => {
  it('shows share, soak clock and lamps while users see a phase, each leading to its page', async () => {
    const { user } = mountApp(RUN);
    expect(await screen.findByTestId('head-phase')).toHaveTextContent('10 % of users');
    expect(screen.getByTestId('head-measured')).toHaveTextContent('measured 10.31 % · 10 ± 2 %');
    expect(screen.getByTestId('head-soak')).toHaveTextContent(/of 48 h left.*151 of 164 samples/);
    const lamps = await screen.findAllByTestId('head-lamp');
    expect(new Set(lamps.map(({ dataset }) => dataset['state']))).toEqual(new Set(['not_measured', 'armed']));
    await user.click(lamps[0]!);
    await waitFor(() => expect(route.get('tab')).toBe('rollback'));
  });

  it('says who works on it, in which window, and that a gate was overridden', async () => {
    mountApp('/checklists/runs/run_bm7');
    expect(await screen.findByTestId('head-people')).toHaveTextContent('Amal Haddad');
    expect(screen.getByTestId('head-window')).toHaveTextContent('No window');
    expect(screen.getByTestId('head-overridden')).toHaveTextContent('Gate overridden');
    cleanup();
    mountApp(RUN);
    await screen.findByTestId('head-people');
    expect(screen.queryByTestId('head-overridden')).toBeNull();
  });

  it('has none of it before users see anything', async () => {
    mountApp(RUN, 'state=empty');
    await waitFor(() => expect(screen.queryByTestId('head-exposed')).toBeNull());
  });
});

describe('gates', () => {
  it('hold with sentences that lead to the items', async () => {
    const { user } = at('gates');
    expect(await screen.findByTestId('stage-1')).toHaveAttribute('data-state', 'hold');
    expect(screen.getByTestId('soak')).toHaveTextContent('of 48 h left');
    expect(screen.getByTestId('soak-coverage')).toHaveTextContent(
      /^151 of 164 samples none from .* or could not read$/,
    );
    expect(screen.getByTestId('conditions')).toHaveTextContent('2.41 · < 2 %');
    await user.click(screen.getAllByTestId('held-by')[0]!);
    await waitFor(() => expect(route.get('item')).not.toBe(''));
    expect(await screen.findByTestId('act-confirm')).toBeVisible();
  });

  it('are walked through by arrow keys, and evaluated on demand', async () => {
    const { user, wire } = at('gates');
    (await screen.findByTestId('stage-1')).focus();
    await user.keyboard('{ArrowLeft}');
    expect(await screen.findByRole('heading', { name: 'Preparation' })).toBeVisible();
    expect(screen.getByTestId('stage-0')).toHaveFocus();
    await user.click(screen.getByTestId('gate-evaluate'));
    await waitFor(() => expect(sentTo(wire, 'gate_evaluate')[0]?.['request']).toMatchObject({ phase: 0 }));
  });

  it('are overridden by two people, each with a reason and a passphrase that is not kept', async () => {
    const { user, wire } = at('gates');
    const sign = async (person: string, passphrase: string) => {
      await user.click(screen.getByTestId('gate-override'));
      expect(await screen.findByTestId('override-person')).toHaveValue(person);
      await user.type(screen.getByTestId('override-reason'), 'The board wants it this evening.');
      await user.type(screen.getByTestId('override-passphrase'), passphrase);
      await user.click(screen.getByTestId('override-submit'));
    };
    await screen.findByTestId('gate');
    expect(screen.getByTestId('gate-open')).toHaveAttribute('aria-disabled', 'true');
    await sign('op_dana', 'first passphrase');
    expect(await screen.findByText(/a second one has to as well/)).toBeVisible();
    await waitFor(() => expect(screen.queryByTestId('override-dialog')).toBeNull());
    await sign('op_jonas', 'second passphrase');
    expect(await screen.findByText(/Two people overrode this gate/)).toBeVisible();
    const sent = sentTo(wire, 'gate_override');
    expect(sent.map(({ secret }) => secret)).toEqual(['first passphrase', 'second passphrase']);
    expect(JSON.stringify(sent.map(({ request }) => request))).not.toContain('passphrase');
    expectForgotten('second passphrase');
    await waitFor(() => expect(screen.getByTestId('gate-open')).not.toHaveAttribute('aria-disabled'));
    await user.click(screen.getByTestId('gate-open'));
    await user.click(await screen.findByTestId('gate-open-submit'));
    await waitFor(() => expect(screen.getByTestId('stage-1')).toHaveAttribute('data-state', 'passed'));
  });

  it('are not overridden for a short reason, or a wrong passphrase', async () => {
    const { user, wire } = at('gates');
    await user.click(await screen.findByTestId('gate-override'));
    await user.type(await screen.findByTestId('override-reason'), 'Because');
    await user.type(screen.getByTestId('override-passphrase'), 'wrong{Enter}');
    expect(await screen.findByText('20 characters at least; 13 to go.')).toBeVisible();
    expect(sentTo(wire, 'gate_override')).toEqual([]);
    await user.type(screen.getByTestId('override-reason'), ' it is right to go on.');
    await user.click(screen.getByTestId('override-submit'));
    expect(await screen.findByText('The passphrase is wrong.')).toBeVisible();
    expect(screen.getByTestId('override-passphrase')).toHaveValue('');
  });
});

describe('a rollback', () => {
  it('is advised by a tripped lamp, which two people clear', async () => {
    const { user, wire } = at('rollback');
    const [lamp] = await screen.findAllByTestId('lamp');
    expect(within(lamp!).queryByRole('checkbox')).toBeNull();
    await user.click(within(lamp!).getByTestId('lamp-trip'));
    await user.type(await screen.findByTestId('ask-text'), 'Checkout answers 500');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(screen.getAllByTestId('lamp')[0]).toHaveAttribute('data-state', 'tripped'));
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    await user.click(screen.getByTestId('lamp-acknowledge'));
    await user.click(await screen.findByTestId('ask-submit'));
    await waitFor(() =>
      expect(screen.getAllByTestId('lamp')[0]).toHaveAttribute('data-state', 'acknowledged'),
    );
    await user.click(screen.getByTestId('tab-gates'));
    await waitFor(() =>
      expect(screen.getByTestId('stage-1')).toHaveAttribute('data-state', 'rollback_advised'),
    );
    await user.click(screen.getByTestId('tab-rollback'));
    for (const person of ['op_dana', 'op_jonas']) {
      await user.click((await screen.findAllByTestId('lamp-clear'))[0]!);
      expect(await screen.findByTestId('clear-person')).toHaveValue(person);
      await user.type(screen.getByTestId('clear-reason'), 'The bank is back.');
      await user.type(screen.getByTestId('clear-passphrase'), 'fine words');
      await user.click(screen.getByTestId('clear-submit'));
      await waitFor(() => expect(screen.queryByTestId('clear-dialog')).toBeNull());
      await waitFor(() =>
        expect(screen.getAllByTestId('lamp')[0]).toHaveTextContent('signed that the cause is gone'),
      );
    }
    await waitFor(() => expect(screen.getAllByTestId('lamp')[0]).toHaveAttribute('data-state', 'cleared'));
    const sent = sentTo(wire, 'trigger_clear');
    expect(sent.map((one) => one['secret'])).toEqual(['fine words', 'fine words']);
  });

  it('says of every lamp what it measures, or that nobody does', async () => {
    at('rollback');
    const lamps = await screen.findAllByTestId('lamp');
    expect(lamps[1]).toHaveAttribute('data-state', 'armed');
    expect(lamps[1]).toHaveTextContent('3 of 412 payments failed in 60 minutes');
    expect(lamps[0]).toHaveAttribute('data-state', 'not_measured');
    expect(within(lamps[0]!).getByText('Not measured')).toBeVisible();
  });

  it('begins only with a reason and the typed word, and keeps each step with its time', async () => {
    const { user, wire } = at('rollback');
    await user.click((await screen.findAllByTestId('rollback-start'))[0]!);
    await user.type(await screen.findByTestId('ask-text'), 'Payments fail');
    await user.click(screen.getByTestId('ask-submit'));
    expect(await screen.findByText('Type “rollback” to go on.')).toBeVisible();
    expect(sentTo(wire, 'rollback_start')).toEqual([]);
    await user.type(screen.getByTestId('ask-word'), 'rollback');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(sentTo(wire, 'rollback_start')[0]?.['request']).toMatchObject({
      section: ['Rollback Plan', 'Immediate Rollback (if critical issues)'],
      reason: 'Payments fail',
    });
    await user.click((await screen.findAllByTestId('step-done'))[0]!);
    await user.type(await screen.findByTestId('ask-text'), 'Flag is off');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() =>
      expect(screen.getAllByTestId('rollback-step')[0]).toHaveAttribute('data-done', 'true'),
    );
    await waitFor(() =>
      expect(screen.getAllByTestId('rollback-step')[0]).toHaveTextContent(
        /\d\d:\d\d:\d\d Dana Reyes: Flag is off/,
      ),
    );
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    for (const [person, said] of [
      ['op_dana', 'Dana Reyes signed'],
      ['op_jonas', ' to 20 Nov'],
    ] as const) {
      await user.click(screen.getByTestId('rollback-end'));
      expect(await screen.findByTestId('end-person')).toHaveValue(person);
      await user.type(screen.getByTestId('end-reason'), 'The flag was enough');
      await user.type(screen.getByTestId('end-passphrase'), 'fine words');
      await user.click(screen.getByTestId('end-submit'));
      await waitFor(() => expect(screen.queryByTestId('end-dialog')).toBeNull());
      await waitFor(() => expect(screen.getByTestId('rollback-begun')).toHaveTextContent(said));
    }
    expect(await screen.findByText('Ended')).toBeVisible();
  });
});

describe('the letters of a view', () => {
  it('do nothing while a place is being typed', async () => {
    const { user, wire } = at('gates');
    await screen.findByTestId('gate');
    await user.keyboard('gr');
    expect(route.path).toBe('/revenue');
    expect(sentTo(wire, 'gate_evaluate')).toEqual([]);
  });

  it('work by themselves', async () => {
    const { user, wire } = at('gates');
    await screen.findByTestId('gate');
    await user.keyboard('r');
    await waitFor(() => expect(sentTo(wire, 'gate_evaluate')).toHaveLength(1));
  });
});

describe('dates', () => {
  it('that were missed stay in sight, and are done late with a note', async () => {
    const { user, wire } = at('dates');
    const missed = (await screen.findAllByTestId('date'))[0]!;
    expect(missed).toHaveAttribute('data-state', 'missed');
    await user.click(screen.getByRole('button', { name: /^20 Nov 2026, 1 date/ }));
    await waitFor(() => expect(screen.getAllByTestId('date')).toHaveLength(2));
    expect(screen.getAllByTestId('date')[0]).toHaveAttribute('data-state', 'missed');
    screen.getAllByTestId('date')[0]!.focus();
    await user.keyboard('x');
    await user.type(await screen.findByTestId('ask-text'), 'Nothing odd');
    expect((await screen.findAllByTestId('measured'))[0]).toHaveTextContent(/Pass.*99\.95 %.*limit > 99 %/);
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(screen.getByTestId('dates-missed')).toHaveTextContent('0 missed'));
    // What was shown is what is kept.
    expect(sentTo(wire, 'occurrence_done')[0]?.['request']).toMatchObject({
      note: 'Nothing odd',
      shown: snapshot().sha256,
    });
  });

  it('are left out only with a reason', async () => {
    const { user, wire } = at('dates');
    await user.click((await screen.findAllByTestId('date-skip'))[0]!);
    await user.click(await screen.findByTestId('ask-submit'));
    expect(await screen.findByText('3 characters at least.')).toBeVisible();
    expect(sentTo(wire, 'occurrence_skip')).toEqual([]);
  });

  it('are walked through by keys, over the end of the month', async () => {
    const { user } = at('dates');
    await screen.findByTestId('month');
    document.querySelector<HTMLElement>('[data-day="2026-11-20"]')!.focus();
    await user.keyboard('{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(screen.getByTestId('month')).toHaveTextContent('Dec 2026'));
    await waitFor(() => expect(document.activeElement).toHaveAttribute('data-day', '2026-12-04'));
  });

  it('are written as a calendar file where the person says', async () => {
    const { user, wire } = at('dates');
    await user.click(await screen.findByTestId('dates-export'));
    await waitFor(() =>
      expect(sentTo(wire, 'run_export')[0]?.['request']).toMatchObject({ format: 'ics', file: 'file-2' }),
    );
  });
});

describe('contacts', () => {
  it('are filled in whole, and tested', async () => {
    const { user, wire } = at('contacts');
    const card = () => screen.getAllByTestId('contact')[2]!;
    await screen.findAllByTestId('contact');
    await user.click(within(card()).getByTestId('contact-edit'));
    await user.type(await screen.findByTestId('card-person'), 'Tomás Ferreira');
    await user.type(screen.getByTestId('card-phone'), '+351 21 555 0100');
    await user.type(screen.getByTestId('card-hours'), 'always');
    await user.click(screen.getByTestId('card-tested'));
    await user.click(screen.getByTestId('card-submit'));
    await waitFor(() => expect(card()).toHaveAttribute('data-state', 'complete'));
    const sent = sentTo(wire, 'contact_set')[0]?.['request'] as { card: { tested_at: string } };
    expect(sent.card).toMatchObject({ person: 'Tomás Ferreira', escalate_after_minutes: '0' });
    expect(sent.card.tested_at).toMatch(/^2026-11-20T/);
  });

  it('that are missing are red before the first gate, and only a remark after it', async () => {
    mountApp('/checklists/runs/run_bm7?tab=contacts');
    await waitFor(() => expect(screen.getAllByTestId('contact')[2]).toHaveAttribute('data-state', 'missing'));
    expect(screen.getByTestId('contacts-missing')).toHaveTextContent(
      'cards to fill in before the first gate',
    );
    cleanup();
    at('contacts');
    await waitFor(() =>
      expect(screen.getAllByTestId('contact')[2]).toHaveAttribute('data-state', 'incomplete'),
    );
    expect(screen.queryByTestId('contacts-missing')).toBeNull();
  });

  it('come out of the printer as a list that is kept beside the window', async () => {
    at('contacts');
    await screen.findAllByTestId('contact');
    const sheet = document.querySelector('body > .printed');
    expect(sheet).toHaveTextContent('Primary: Amal Haddad (DevOps Team Lead)');
    expect(sheet).toHaveTextContent('No answer within 15 min: call Secondary');
    expect(sheet).not.toBeVisible();
  });
});

describe('notes', () => {
  it('are kept field by field, only what was changed', async () => {
    const { user, wire } = at('notes');
    await user.type(await screen.findByTestId('field-deployed_by'), 'Dana Reyes');
    await user.click(screen.getByTestId('fields-submit'));
    await waitFor(() => expect(sentTo(wire, 'field_set')).toHaveLength(1));
    expect(await screen.findByText('Filled in by Dana Reyes.')).toBeVisible();
    expect(screen.getByTestId('field-deployed_by')).toHaveValue('Dana Reyes');
    expect(screen.queryByTestId('field-version')).toBeNull();
  });

  it('record a deployment in the zone of the workspace', async () => {
    const { user, wire } = at('notes');
    await user.type(await screen.findByTestId('deployed-day'), '2026-11-20');
    await user.type(screen.getByTestId('deployed-time'), '10:00');
    await user.type(await screen.findByTestId('deployed-reason'), 'A typing error');
    await user.click(screen.getByTestId('deployed-submit'));
    await waitFor(() =>
      expect(sentTo(wire, 'deployment_record')[0]?.['request']).toMatchObject({
        at: '2026-11-20T09:00:00.000Z',
      }),
    );
  });

  it('correct a recorded deployment only for a reason', async () => {
    const { user, wire } = at('notes');
    await user.type(await screen.findByTestId('deployed-day'), '2026-11-20');
    await user.type(screen.getByTestId('deployed-time'), '09:30');
    await screen.findByTestId('deployed-reason');
    await user.click(screen.getByTestId('deployed-submit'));
    expect(await screen.findByText('A reason of at least 3 characters is needed.')).toBeVisible();
    expect(sentTo(wire, 'deployment_record')).toHaveLength(0);
    await user.type(screen.getByTestId('deployed-reason'), 'It was staging before');
    await user.click(screen.getByTestId('deployed-submit'));
    await waitFor(() =>
      expect(sentTo(wire, 'deployment_record')[0]?.['request']).toMatchObject({
        at: '2026-11-20T08:30:00.000Z',
        reason: 'It was staging before',
      }),
    );
  });

  it('record a deployment of just now to the second, so that a run of the same minute takes it', async () => {
    const { user, wire } = at('notes');
    const now = Date.parse('2026-11-20T09:42:37.250Z');
    await screen.findByTestId('deployed-now');
    vi.spyOn(clock, 'exact').mockReturnValue(now);
    await user.click(screen.getByTestId('deployed-now'));
    expect(screen.getByTestId('deployed-time')).toHaveValue('10:42');
    await user.type(await screen.findByTestId('deployed-reason'), 'A typing error');
    await user.click(screen.getByTestId('deployed-submit'));
    await waitFor(() =>
      expect(sentTo(wire, 'deployment_record')[0]?.['request']).toMatchObject({
        at: '2026-11-20T09:42:37.250Z',
      }),
    );
  });

  it('change the release and end the run, on purpose', async () => {
    const { user, wire } = at('notes');
    await user.type(await screen.findByTestId('release-text'), 'v2.14.1{Enter}');
    await waitFor(() => expect(screen.getByTestId('release')).toHaveTextContent('v2.14.1'));
    await user.click(screen.getByTestId('run-abandon'));
    await user.type(await screen.findByTestId('ask-text'), 'Superseded');
    await user.type(screen.getByTestId('ask-word'), 'end');
    await user.click(screen.getByTestId('ask-submit'));
    expect(await screen.findByText('Over: Superseded')).toBeVisible();
    expect(sentTo(wire, 'run_end')[0]?.['request']).toMatchObject({ is_abandoned: true });
    expect(screen.getByTestId('deployed-submit')).toHaveAttribute('aria-disabled', 'true');
  });
});

describe('a newer version of the template', () => {
  it('is shown with what it changes, and taken on purpose', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_bm7?tab=notes');
    await user.click(await screen.findByRole('link', { name: 'See what it changes' }));
    expect(await screen.findAllByTestId('change')).toHaveLength(5);
    expect(screen.getByTestId('upgrade-sum')).toHaveTextContent('1 line starts again');
    await expectAccessible();
    await user.click(screen.getByTestId('upgrade'));
    expect(sentTo(wire, 'run_upgrade')).toEqual([]);
    await user.click(await screen.findByTestId('upgrade-submit'));
    await waitFor(() => expect(route.path).toBe('/checklists/runs/run_bm7'));
    expect(sentTo(wire, 'run_upgrade')[0]?.['request']).toMatchObject({ version: 2, run: 'run_bm7' });
  });

  it('does not exist for a run that goes by the newest', async () => {
    mountApp(`${RUN}/upgrade`);
    expect(await screen.findByTestId('upgrade-none')).toBeVisible();
    expect(screen.queryByTestId('upgrade')).toBeNull();
  });
});

describe('a command', () => {
  const COMMAND = `${RUN}?kind=command`;
  const open = async () => {
    const mounted = mountApp(COMMAND);
    await mounted.user.click((await screen.findAllByTestId('item'))[0]!);
    await screen.findByTestId('command');
    return mounted;
  };

  it('says what it does, what to beware of and what to expect', async () => {
    await open();
    expect(screen.getByTestId('command')).toHaveTextContent('Run the migration of this release');
    expect(screen.getByTestId('command-danger')).toHaveTextContent('may drop data');
    expect(screen.getByTestId('command-expected')).toHaveTextContent('Expected: ');
    expect(screen.getByTestId('copy-code')).toBeVisible();
    await expectAccessible();
  });

  it('was run: when, and with an output whose secrets never reach the page', async () => {
    const { user, wire } = await open();
    await user.keyboard('i');
    const output = await screen.findByTestId('ran-output');
    await user.click(output);
    await user.paste('applied 12\npostgres://app:hunter2@db/app\n');
    await waitFor(() => expect(output).toHaveValue('applied 12\npostgres[redacted:secret]db/app\n'));
    expect(screen.getByText('1 secret taken out of what you pasted.')).toBeVisible();
    expectForgotten('hunter2');
    await user.clear(screen.getByTestId('ran-day'));
    await user.type(screen.getByTestId('ran-day'), '2026-11-21');
    await user.click(screen.getByTestId('ran-submit'));
    expect(await screen.findByText('It lies in the future.')).toBeVisible();
    await user.clear(screen.getByTestId('ran-day'));
    await user.type(screen.getByTestId('ran-day'), '2026-11-19');
    await user.click(screen.getByTestId('ran-submit'));
    await waitFor(() => expect(sentTo(wire, 'command_record')).toHaveLength(1));
    const sent = sentTo(wire, 'command_record')[0]?.['request'] as { at: string; output: string };
    expect(sent.at).toMatch(/^2026-11-19T/);
    expect(sent.output).not.toContain('hunter2');
  });
});

describe('a run as a file', () => {
  it.each(['md', 'csv', 'pdf', 'pack'])('is written as %s where the person says', async (format) => {
    const { user, wire } = mountApp(RUN);
    await user.click(await screen.findByTestId('export'));
    await user.click(await screen.findByTestId(`export-${format}`));
    await waitFor(() =>
      expect(sentTo(wire, 'run_export')[0]?.['request']).toMatchObject({ format, file: 'file-2' }),
    );
    const proposed = wire.calls.find(({ command }) => command === 'pick_save')?.args['name'];
    expect(proposed).toBe(`devflowhub-rollout-v2.14.0.${format === 'pack' ? 'zip' : format}`);
  });
});

describe('the filters of a run', () => {
  it('are reached by the keyboard and cleared by one key', async () => {
    const { user } = mountApp(`${RUN}?show=failing`);
    await screen.findAllByTestId('item');
    expect(screen.getAllByTestId('item').every((item) => item.dataset['state'] === 'failed')).toBe(true);
    await user.selectOptions(screen.getByTestId('filter-source'), 'stripe');
    await user.selectOptions(screen.getByTestId('filter-owner'), 'Dana Reyes');
    await waitFor(() => expect(route.get('owner')).toBe('Dana Reyes'));
    await user.selectOptions(screen.getByTestId('filter-section'), 'Sign-off');
    expect(await screen.findByTestId('filtered-empty')).toHaveTextContent('4 filters are active.');
    await user.keyboard('{Shift>}F{/Shift}');
    (document.activeElement as HTMLElement | null)?.blur();
    await user.keyboard('{Shift>}F{/Shift}');
    await waitFor(() => expect(route.text).toBe(RUN));
  });
});
