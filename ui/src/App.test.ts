/** The page as people use it, over the invented company: every screen opens, and the ways through it hold. */
import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible, expectForgotten, mountApp } from './fixtures/mount';
import { route } from './parts/route.svelte';

const ROUTES: [route: string, heading: string][] = [
  ['/overview', 'Overview'],
  ['/revenue', 'Revenue'],
  ['/revenue?tab=movements', 'Revenue'],
  ['/revenue/rows/metric.mrr', 'MRR'],
  ['/customers', 'Customers'],
  ['/subscriptions', 'Subscriptions'],
  ['/invoices', 'Invoices'],
  ['/webhooks', 'Webhooks'],
  ['/webhooks?tab=events', 'Webhooks'],
  ['/webhooks/events/evt_1', 'checkout.session.completed'],
  ['/checklists', 'Checklists'],
  ['/checklists/templates', 'Checklists'],
  ['/checklists/templates/devflowhub-rollout', 'DevFlowHub rollout'],
  ['/checklists/templates/devflowhub-rollout/edit', 'Edit DevFlowHub rollout'],
  ['/checklists/templates/quarterly-access-review/compare', 'Compare versions'],
  ['/checklists/import', 'Import a checklist'],
  ['/checklists/new', 'New run'],
  ['/checklists/runs/run_2140', 'DevFlowHub rollout v2.14.0'],
  ['/checklists/runs/run_2140/sign', 'Sign'],
  ['/checklists/runs/run_bm7/upgrade', 'Newer version of the template'],
  ['/checklists/runs/run_2140/work', 'DevFlowHub rollout v2.14.0'],
  ['/audit', 'Audit log'],
  ['/settings/environments', 'Settings'],
  ['/settings/operators', 'Settings'],
  ['/settings/workspace', 'Settings'],
  ['/settings/appearance', 'Settings'],
  ['/setup/welcome', 'Billing operations you can sign for'],
  ['/setup/stripe', 'Connect Stripe'],
];

const settled = () => waitFor(() => expect(screen.queryByTestId('loading')).toBeNull());

afterEach(() => vi.restoreAllMocks());

describe('every screen', () => {
  it.each(ROUTES)('%s opens', async (path, heading) => {
    const faults = vi.spyOn(console, 'error');
    mountApp(path);
    expect(await screen.findByRole('heading', { level: 1, name: heading })).toBeVisible();
    await settled();
    expect(screen.queryByTestId('failure')).toBeNull();
    expect(faults).not.toHaveBeenCalled();
  });

  it.each([
    '/overview',
    '/customers',
    '/checklists/runs/run_2140?item=i007',
    '/checklists/runs/run_2140/sign',
    '/audit/12407',
    '/settings/workspace',
  ])('%s passes the accessibility check', async (path) => {
    mountApp(path);
    await screen.findByRole('heading', { level: 1 });
    await settled();
    await expectAccessible();
  });

  it('that is not there is said to be not there', async () => {
    mountApp('/no-such-place');
    expect(await screen.findByText('There is no such place')).toBeVisible();
  });
});

describe('the frame', () => {
  it('always says which world one looks at', async () => {
    mountApp('/overview', 'state=live');
    expect(await screen.findByTestId('banner')).toHaveTextContent('LIVE · PRODUCTION');
    expect(screen.getByTestId('banner')).toHaveAttribute('data-kind', 'live');
  });

  it('leads by letters, and stays when one types', async () => {
    const { user } = mountApp('/overview');
    await screen.findByTestId('attention');
    await user.keyboard('gr');
    expect(route.path).toBe('/revenue');
    await user.keyboard('/');
    expect(screen.getByTestId('search')).toHaveFocus();
    await user.keyboard('gc');
    expect(route.path).toBe('/revenue');
    expect(screen.getByTestId('search')).toHaveValue('gc');
  });

  it('finds a customer by what the caller says, and goes there', async () => {
    const { user } = mountApp('/overview');
    await user.type(await screen.findByTestId('search'), 'kowalska');
    const found = within(await screen.findByTestId('search-results'));
    expect((await found.findAllByText('e-mail'))[0]).toBeVisible();
    await user.keyboard('{Enter}');
    expect(route.path).toMatch(/^\/customers\/cus_/);
  });

  it('neither searches nor sends what looks like a secret', async () => {
    const { user, wire } = mountApp('/overview');
    await user.type(await screen.findByTestId('search'), 'sk_live_abcdefgh');
    expect(await screen.findByText(/looks like a secret key/)).toBeVisible();
    expect(wire.calls.some(({ args }) => JSON.stringify(args).includes('sk_live_a'))).toBe(false);
  });

  it('does what the palette is told', async () => {
    const { user, wire } = mountApp('/overview');
    await screen.findByTestId('attention');
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByTestId('pick-input'), 'sync now{Enter}');
    await waitFor(() => expect(wire.calls.map(({ command }) => command)).toContain('sync_start'));
    await waitFor(() => expect(screen.getByTestId('jobs')).toHaveTextContent('Sync · demo'));
  });

  it('switches environments without mixing them', async () => {
    const { user, wire } = mountApp('/customers');
    await screen.findAllByTestId('customers-row');
    await user.keyboard('{Control>}e{/Control}');
    await user.type(await screen.findByTestId('pick-input'), 'staging{Enter}');
    await waitFor(() => expect(screen.getByTestId('banner')).toHaveAttribute('data-kind', 'test'));
    await screen.findAllByTestId('customers-row');
    const asked = wire.calls
      .filter(({ command }) => command === 'customers')
      .map(({ args }) => (args['request'] as { environment: string }).environment);
    expect([...new Set(asked)]).toEqual(['demo', 'staging']);
  });

  it('lists the shortcuts that work', async () => {
    const { user } = mountApp('/revenue');
    await screen.findByTestId('figures');
    await user.keyboard('?');
    const sheet = within(await screen.findByTestId('shortcuts'));
    expect(sheet.getByText('Month before')).toBeVisible();
    expect(sheet.getByText('Commands')).toBeVisible();
  });

  it('asks again when the program says that something changed', async () => {
    const { wire } = mountApp('/customers');
    await screen.findAllByTestId('customers-row');
    const asked = () => wire.calls.filter(({ command }) => command === 'customers').length;
    const before = asked();
    wire.emit('changed', ['checklists']);
    wire.emit('changed', ['mirror']);
    await waitFor(() => expect(asked()).toBe(before + 1));
  });

  it('says why the records are closed, and nothing else', async () => {
    mountApp('/overview', 'state=limited');
    expect(await screen.findByTestId('limited')).toHaveTextContent('KEYCHAIN_LOCKED');
    expect(screen.queryByTestId('nav-overview')).toBeNull();
  });
});

describe('a masked value', () => {
  it('is revealed with a reason that is sent along', async () => {
    const { user, wire } = mountApp('/customers');
    await screen.findAllByTestId('customers-row');
    await user.click(screen.getAllByTestId('reveal')[0]!);
    await user.type(await screen.findByTestId('reveal-reason'), 'T-4182');
    await user.click(screen.getByTestId('reveal-confirm'));
    expect(await screen.findByRole('button', { pressed: true, name: /^Hide/ })).toBeVisible();
    expect(wire.calls.find(({ command }) => command === 'reveal')?.args['request']).toMatchObject({
      reason: 'T-4182',
      field: { field: 'name' },
    });
    expect(route.path).toBe('/customers');
  });
});

describe('a run', () => {
  it('is worked off by keyboard: next open item, confirm, kept', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140');
    await screen.findAllByTestId('item');
    await user.keyboard('.');
    expect(await screen.findByTestId('act-confirm')).toBeVisible();
    await user.keyboard('x');
    await user.type(await screen.findByTestId('ask-text'), 'In the vault of the platform team.');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(wire.calls.map(({ command }) => command)).toContain('item_confirm'));
    await waitFor(() => expect(screen.getByTestId('state-confirmed')).toHaveTextContent('5 confirmed'));
  });

  it('says why a failed item cannot be ticked', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140?state=failed');
    await user.click((await screen.findAllByTestId('item'))[0]!);
    await screen.findByTestId('act-confirm');
    await user.keyboard('x');
    expect(await screen.findByText(/cannot be confirmed by hand/)).toBeVisible();
    expect(screen.queryByTestId('ask')).toBeNull();
    expect(wire.calls.map(({ command }) => command)).not.toContain('item_confirm');
  });

  it('shows a refusal of the program inside the form', async () => {
    const { user } = mountApp('/checklists/runs/run_2140?state=failed');
    await user.click((await screen.findAllByTestId('item'))[0]!);
    await user.click(await screen.findByTestId('act-waive'));
    await user.type(await screen.findByTestId('ask-text'), 'The price page follows next week.');
    await user.click(screen.getByTestId('ask-submit'));
    expect(await within(screen.getByTestId('ask')).findByText(/a waiver needs somebody else/)).toBeVisible();
  });

  it('is signed with what was shown, and the passphrase goes beside it', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140/sign');
    expect(await screen.findByTestId('statement')).toHaveTextContent(
      'sign Phase 1: Soft launch as operations manager',
    );
    await user.type(await screen.findByTestId('sign-passphrase'), 'correct horse battery{Enter}');
    expect(await screen.findByTestId('signed-seq')).toHaveTextContent('12409');
    // The run has moved on to the next role; the receipt stays.
    await waitFor(() =>
      expect(screen.getByTestId('slot-phase-1-operations_manager')).toHaveAttribute('data-state', 'signed'),
    );
    expect(screen.getByTestId('signed-seq')).toBeVisible();
    const sent = wire.calls.find(({ command }) => command === 'run_sign')!.args;
    expect(sent['secret']).toBe('correct horse battery');
    expect(sent['request']).toMatchObject({
      role: 'operations_manager',
      meaning: 'approve',
      evidence_root: '5be1c0d29f3347aa8841',
    });
    expect(JSON.stringify(sent['request'])).not.toContain('correct horse');
  });

  it('is signed slot by slot: one is chosen, and one that waits has no form', async () => {
    const { user } = mountApp('/checklists/runs/run_2140/sign');
    await screen.findByTestId('statement');
    const chosen = () => document.querySelectorAll('[data-testid^="slot-"] [aria-current]');
    expect(chosen()).toHaveLength(1);
    await user.click(within(screen.getByTestId('slot-phase-2-operations_manager')).getByRole('button'));
    expect(chosen()).toHaveLength(1);
    expect(screen.getByTestId('held-up')).toHaveTextContent('Phase 1: Soft launch signs first.');
    expect(screen.queryByTestId('sign-form')).toBeNull();
    expect(route.get('scope')).toBe('phase-2');
  });

  it('that changed has another statement', async () => {
    const { wire } = mountApp('/checklists/runs/run_2140/sign');
    await screen.findByTestId('statement');
    const asked = () => wire.calls.filter(({ command }) => command === 'sign_preview').length;
    const before = asked();
    wire.emit('changed', ['checklists']);
    await waitFor(() => expect(asked()).toBeGreaterThan(before));
  });

  it('that is not signed for a wrong passphrase says so and is empty again', async () => {
    const { user } = mountApp('/checklists/runs/run_2140/sign');
    const field = await screen.findByTestId('sign-passphrase');
    await user.type(field, 'wrong{Enter}');
    expect(await screen.findByText(/passphrase is wrong/)).toBeVisible();
    expect(field).toHaveValue('');
  });
});

describe('the first reading', () => {
  it('shows no zero, and claims neither that nothing is there nor that nothing is wrong', async () => {
    mountApp('/overview', 'state=reading');
    expect(await screen.findByTestId('not-known-yet')).toHaveTextContent('Not known yet');
    expect(screen.queryByText(/Nothing needs you/)).toBeNull();
    expect(screen.queryByText(/Everything last checked/)).toBeNull();
    expect(screen.getByTestId('tile-metric.mrr')).toHaveTextContent('Not known yet');
    for (const tile of screen.getAllByTestId(/^tile-metric/)) expect(tile).not.toHaveTextContent(/^\D*0/);
    route.go('/customers');
    expect(await screen.findByTestId('reading')).toHaveTextContent('Nothing arrived yet');
    expect(screen.queryByText(/Stripe holds no customer/)).toBeNull();
  });
});

describe('an export', () => {
  it.each([
    [
      '/customers?status=past_due&currency=eur',
      'customers',
      { status: 'past_due', currency: 'eur', verdict: '' },
    ],
    ['/subscriptions?verdict=differs&q=pro', 'subscriptions', { verdict: 'differs' }],
    ['/invoices?status=open&sort=total', 'invoices', { status: 'open', window: { sort: 'total' } }],
    ['/webhooks?tab=events&days=30&row=missing', 'events', { days: 30, row: 'missing', status: '' }],
  ])('of %s takes the filters in force', async (path, list, filters) => {
    const { user, wire } = mountApp(path);
    await user.click(await screen.findByTestId('export'));
    await waitFor(() => expect(screen.getByTestId('toast')).toHaveTextContent(`written to ${list}.csv`));
    const sent = wire.calls.find(({ command }) => command === 'list_export')!.args['request'];
    expect(sent).toMatchObject({ list, environment: 'demo', file: 'file-2', ...filters });
    expect(wire.calls.find(({ command }) => command === 'pick_save')?.args).toEqual({ name: `${list}.csv` });
  });

  it('that fails says why, and leaves with Escape', async () => {
    const { user } = mountApp('/customers', 'state=failing');
    await user.click(await screen.findByTestId('export'));
    expect(await screen.findByTestId('export-failed')).toHaveTextContent('The folder cannot be written to.');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByTestId('export-failed')).toBeNull());
  });

  it('of a run has a form', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140');
    await user.click(await screen.findByTestId('export'));
    await user.click(await screen.findByTestId('export-pdf'));
    await waitFor(() => expect(screen.getByTestId('toast')).toHaveTextContent('.pdf written'));
    expect(wire.calls.find(({ command }) => command === 'run_export')!.args['request']).toEqual({
      run: 'run_2140',
      format: 'pdf',
      file: 'file-2',
      operator: null,
    });
  });

  it('of the ledger and of its head is in the palette too, and happens once', async () => {
    const { wire } = mountApp('/audit?checkpoint=1');
    await waitFor(() =>
      expect(screen.getByTestId('toast')).toHaveTextContent('Checkpoint of entry 12408 written'),
    );
    expect(route.get('checkpoint')).toBe('');
    expect(wire.calls.filter(({ command }) => command === 'ledger_checkpoint')).toHaveLength(1);
  });
});

describe('a signed line', () => {
  it('shows what was signed in words, beside what the ledger holds, and goes on paper', async () => {
    const { user } = mountApp('/checklists/runs/run_2140/sign?role=lead_developer&scope=run');
    const given = await screen.findByTestId('given');
    expect(within(given).getByTestId('given-statement')).toHaveTextContent(
      'I approve this run, as Lead developer: Jonas Lindqvist.',
    );
    expect(given).toHaveTextContent('Entry 12377');
    const print = vi.spyOn(window, 'print').mockImplementation(() => undefined);
    await user.click(screen.getByTestId('print-statement'));
    expect(print).toHaveBeenCalledOnce();
    const sheet = document.querySelector('body > .printed')!;
    expect(sheet).toHaveTextContent('Statement: Lead developer, Development');
    expect(sheet).toHaveTextContent(/Clock: compared with api.stripe.com.*Entry: 12377/);
  });

  it('asks for a reason while the clock is far off', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140/sign?role=qa_lead&scope=run', 'clock=off');
    expect(await screen.findByTestId('clock-warning')).toHaveTextContent('12 min ahead');
    expect(screen.queryByTestId('sign-passphrase')).toBeNull();
    await user.type(screen.getByTestId('clock-reason'), 'the battery of this computer is dead');
    await user.type(await screen.findByTestId('sign-passphrase'), 'correct horse battery{Enter}');
    await screen.findByTestId('signed');
    const sent = wire.calls.find(({ command }) => command === 'run_sign')!.args['request'];
    expect(sent).toMatchObject({ clock_reason: 'the battery of this computer is dead' });
  });
});

describe('an operator', () => {
  it('gets a new key, with both passphrases beside the request and nowhere else', async () => {
    const { user, wire } = mountApp('/settings/operators');
    await user.click(await screen.findByTestId('new-key-op_dana'));
    await user.type(screen.getByTestId('new-key-reason'), 'the laptop was lost');
    await user.type(screen.getByTestId('new-key-first'), 'a new long passphrase');
    await user.type(screen.getByTestId('new-key-again'), 'another long passphrase');
    await user.type(screen.getByTestId('new-key-passphrase'), 'correct horse battery');
    await user.click(screen.getByTestId('new-key-submit'));
    expect(wire.calls.some(({ command }) => command === 'key_change')).toBe(false);
    await user.type(screen.getByTestId('new-key-first'), 'a new long passphrase');
    await user.type(screen.getByTestId('new-key-again'), 'a new long passphrase');
    await user.click(screen.getByTestId('new-key-submit'));
    await screen.findByText(/A new key signs from now on/);
    const { args } = wire.calls.find(({ command }) => command === 'key_change')!;
    expect(args['request']).toEqual({ operator: 'op_dana', reason: 'the laptop was lost' });
    expect(args['secret']).toBe('correct horse battery\na new long passphrase');
    expectForgotten('a new long passphrase');
  });

  it('changes roles by the word of who works here', async () => {
    const { user, wire } = mountApp('/settings/operators');
    await user.click(await screen.findByTestId('change-op_jonas'));
    await user.click(screen.getByTestId('person-role-devops'));
    await user.type(screen.getByTestId('person-passphrase'), 'correct horse battery');
    await user.click(screen.getByTestId('person-submit'));
    await screen.findByText('Changed');
    const { args } = wire.calls.find(({ command }) => command === 'operator_change')!;
    expect(args['request']).toMatchObject({
      operator: 'op_jonas',
      by: 'op_dana',
      roles: ['lead_developer', 'devops'],
    });
  });
});

describe('the audit log', () => {
  it('is narrowed by operator, environment and day, from the keyboard', async () => {
    const { user, wire } = mountApp('/audit');
    await screen.findByTestId('chain-line');
    await user.selectOptions(screen.getByTestId('filter-operator'), 'Dana Reyes');
    await user.selectOptions(screen.getByTestId('filter-environment'), 'production');
    screen.getByTestId('filter-from').focus();
    await user.keyboard('2026-11-1');
    expect(route.get('from')).toBe('');
    expect(screen.getByTestId('filter-from')).toBeInvalid();
    await user.keyboard('9{Tab}2026-11-20');
    await waitFor(() => {
      const sent = wire.calls.filter(({ command }) => command === 'audit').at(-1)!.args['request'];
      expect(sent).toMatchObject({
        operator: 'Dana Reyes',
        environment: 'production',
        from: '2026-11-19',
        to: '2026-11-20',
      });
    });
    await user.click(screen.getByTestId('filter-clear'));
    expect(['operator', 'environment', 'from', 'to'].map((word) => route.get(word))).toEqual([
      '',
      '',
      '',
      '',
    ]);
    expect(screen.getByTestId('filter-from')).toHaveValue('');
  });

  it('compares a checkpoint that was kept elsewhere, as a text or a file', async () => {
    const { user } = mountApp('/audit');
    await user.click(await screen.findByTestId('compare'));
    await user.click(screen.getByTestId('compare-text'));
    await user.paste('12500 0123456789abcdef');
    await user.click(screen.getByTestId('compare-submit'));
    expect(await screen.findByTestId('compared')).toHaveTextContent('it was cut or rewritten');
    await user.click(screen.getByTestId('compare-file'));
    await waitFor(() => expect(screen.getByTestId('compared')).toHaveTextContent('holds entry 12408'));
  });

  it('tells how the chain stands, and asks for nothing while a checkpoint is fresh', async () => {
    mountApp('/audit');
    expect(await screen.findByTestId('chain-line')).toHaveTextContent(
      /12,408 entries, verified .* ago, last checkpoint exported 3 d ago to ~\/Nextcloud/,
    );
    expect(screen.queryByTestId('checkpoint-due')).toBeNull();
  });

  it('asks for a checkpoint when none left for a week', async () => {
    const { user } = mountApp('/audit', 'state=stale');
    expect(await screen.findByTestId('chain')).toHaveTextContent(
      '12,291 of 12,408 entries verified 3 d ago.',
    );
    await user.click((await screen.findByTestId('checkpoint-due')).querySelector('button')!);
    await waitFor(() => expect(screen.getByTestId('toast')).toHaveTextContent('Checkpoint of entry 12408'));
    expect(await screen.findByTestId('checkpoint-written')).toHaveTextContent(
      'Checkpoint of entry 12408 written',
    );
    await user.click(screen.getByTestId('copy-code'));
    await waitFor(() => expect(screen.getByTestId('toast')).toHaveTextContent('Checkpoint copied'));
  });
});

describe('an import', () => {
  it('is read, reviewed and kept with its decisions', async () => {
    const { user, wire } = mountApp('/checklists/import');
    await user.click(await screen.findByTestId('import-file'));
    expect(await screen.findAllByTestId('import-rows-row')).toHaveLength(4);
    await user.selectOptions(screen.getAllByTestId('import-probe')[1]!, 'none');
    await user.click(screen.getByTestId('import-save'));
    await waitFor(() => expect(route.path).toBe('/checklists/templates/quarterly-access-review'));
    const sent = wire.calls.find(({ command }) => command === 'template_import')!.args['request'];
    expect(sent).toMatchObject({ name: 'Release', decisions: [{ probe: 'none' }] });
  });
});

describe('the first start', () => {
  it('leads to the first steps, and tells a key by its prefix without keeping it', async () => {
    const { user, wire } = mountApp('/overview', 'state=first');
    expect(await screen.findByTestId('demo-start')).toBeVisible();
    expect(route.path).toBe('/setup/welcome');
    await user.click(screen.getByTestId('setup-start'));
    await user.type(await screen.findByTestId('operator-name'), 'Dana Reyes');
    await user.type(screen.getByTestId('operator-email'), 'dana@example.com');
    await user.type(screen.getByTestId('operator-passphrase'), 'correct horse battery');
    expect(screen.getByTestId('strength')).toHaveAttribute('data-word', 'good');
    await user.type(screen.getByTestId('operator-repeat'), 'correct horse battery');
    await user.click(screen.getByTestId('operator-submit'));
    await user.type(await screen.findByTestId('environment-name'), 'production');
    await user.click(screen.getByTestId('environment-submit'));
    const key = await screen.findByTestId('stripe-key');
    await user.type(key, 'pk_live_123');
    expect(screen.getByTestId('key-class')).toHaveAttribute('data-word', 'refused');
    await user.clear(key);
    await user.type(key, 'rk_live_123456');
    await user.click(screen.getByTestId('stripe-submit'));
    expect(await screen.findByTestId('permissions')).toBeVisible();
    expectForgotten('rk_live_123456');
    const secrets = wire.calls
      .filter(({ args }) => 'secret' in args)
      .map(({ command, args }) => [command, args['secret']]);
    expect(secrets).toEqual([
      ['operator_add', 'correct horse battery'],
      ['stripe_connect', 'rk_live_123456'],
    ]);
  });

  it('can be left', async () => {
    const { user } = mountApp('/overview', 'state=first');
    await user.click(await screen.findByText('Leave; go on later'));
    expect(await screen.findByText('No environment yet')).toBeVisible();
  });
});
