/** Templates as people change them, over the invented company. */
import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { templatePage } from '../../../fixtures/asks/checklists';
import { expectAccessible, mountApp } from '../../../fixtures/mount';
import { route } from '../../../parts/route.svelte';
import { KIND_NAMES, whoConfirms } from '../model';

const OURS = '/checklists/templates/quarterly-access-review';
const BUILT_IN = '/checklists/templates/devflowhub-rollout';
const sentTo = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args['request']);

describe('a template', () => {
  it.each(Object.keys(KIND_NAMES))(
    'says of a row of kind %s what helps, and who may confirm it',
    async (kind) => {
      const row = templatePage('devflowhub-rollout').rows.find((one) => one.kind === kind)!;
      mountApp(`${BUILT_IN}?row=${row.id}`);
      expect(await screen.findByText(row.help)).toBeVisible();
      expect(screen.getByText(whoConfirms(row))).toBeVisible();
    },
  );

  it('is compared with the version before it, part by part', async () => {
    const { user, wire } = mountApp(OURS);
    await user.click(await screen.findByRole('link', { name: 'Compare' }));
    expect(await screen.findAllByTestId('change')).toHaveLength(5);
    expect(screen.getByTestId('compare-sum')).toHaveTextContent('from version 2');
    expect(screen.getAllByTestId('change')[0]).toHaveTextContent('48');
    expect(screen.getAllByTestId('change')[1]).toHaveTextContent('Charges and payouts are enabled.');
    await expectAccessible();
    await user.selectOptions(screen.getByTestId('compare-from'), '1');
    await waitFor(() => expect(sentTo(wire, 'template_compare').at(-1)).toMatchObject({ from: 1, to: 3 }));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(route.path).toBe(OURS));
  });

  it('with one version says so', async () => {
    mountApp(`${BUILT_IN}/compare`);
    expect(await screen.findByText('Only one version')).toBeVisible();
  });

  it('is duplicated under a name nobody uses', async () => {
    const { user } = mountApp(BUILT_IN);
    await user.click(await screen.findByTestId('template-duplicate'));
    const name = await screen.findByTestId('duplicate-name');
    await user.clear(name);
    await user.type(name, 'Quarterly access review{Enter}');
    expect(await screen.findByText(/has this name already/)).toBeVisible();
    await user.type(name, ', Berlin{Enter}');
    await waitFor(() => expect(route.path).toBe('/checklists/templates/copy'));
  });

  it('is exported where the person says, by its key', async () => {
    const { user, wire } = mountApp(OURS);
    await screen.findByTestId('template-export');
    await user.keyboard('e');
    await waitFor(() =>
      expect(sentTo(wire, 'template_export')[0]).toMatchObject({ file: 'file-2', version: 0 }),
    );
    expect(await screen.findByText(/importing it gives this template again/)).toBeVisible();
  });
});

describe('the editor', () => {
  it('keeps one of the program as a copy, by keyboard', async () => {
    const { user, wire } = mountApp(`${BUILT_IN}/edit`);
    const table = await screen.findByTestId('edit-rows');
    expect(screen.getByTestId('edit-save')).toHaveAttribute('aria-disabled', 'true');
    expect(screen.getByTestId('edit-name')).toHaveValue('DevFlowHub rollout, ours');
    await expectAccessible();
    table.focus();
    await user.keyboard('{ArrowDown}{Enter}');
    const rule = await screen.findByTestId('row-rule');
    await user.clear(rule);
    await user.type(rule, 'Seen by two.');
    await user.selectOptions(screen.getByTestId('row-kind'), 'manual');
    await user.type(screen.getByTestId('row-hours'), '12');
    await user.click(screen.getByTestId('row-na'));
    await expectAccessible();
    await user.click(screen.getByTestId('row-down'));
    await user.click(screen.getByTestId('edit-save'));
    await waitFor(() => expect(route.path).toBe('/checklists/templates/devflowhub-rollout-ours'));
    const sent = sentTo(wire, 'template_edit')[0] as { version: number; rows: { text: string }[] };
    expect(sent).toMatchObject({ version: 1, name: 'DevFlowHub rollout, ours' });
    const changed = sent.rows.filter((row) => (row as { rule?: string }).rule === 'Seen by two.');
    expect(changed).toMatchObject([{ kind: 'manual', fresh_hours: 12, may_be_na: true }]);
  });

  it('sets how long a phase soaks and who signs it', async () => {
    const { user, wire } = mountApp(`${OURS}/edit`);
    await user.click(await screen.findByTestId('tab-phases'));
    const table = await screen.findByTestId('phases');
    table.focus();
    await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    const soak = await screen.findByTestId('phase-soak');
    await user.clear(soak);
    await user.type(soak, '4000');
    expect(await screen.findByTestId('phase-fault')).toHaveTextContent('0 to 2160 hours');
    expect(screen.getByTestId('edit-save')).toHaveAttribute('aria-disabled', 'true');
    await user.clear(soak);
    await user.type(soak, '48');
    await user.click(screen.getByTestId('role-finance_manager'));
    await expectAccessible();
    await user.click(screen.getByTestId('edit-save'));
    await waitFor(() => expect(route.path).toBe(OURS));
    const sent = sentTo(wire, 'template_edit')[0] as { phases: unknown[] };
    expect(sent.phases[1]).toMatchObject({
      number: 1,
      soak_hours: 48,
      signed_by: ['operations_manager', 'finance_manager'],
    });
  });

  it('adds a dated line', async () => {
    const { user, wire } = mountApp(`${OURS}/edit`);
    await user.click(await screen.findByTestId('row-add'));
    await user.selectOptions(await screen.findByTestId('row-kind'), 'schedule');
    await user.type(screen.getByTestId('row-text'), 'Look');
    expect(await screen.findByTestId('row-fault')).toHaveTextContent('says when');
    await user.type(screen.getByTestId('row-schedule'), 'month 2+');
    await user.click(screen.getByTestId('edit-save'));
    await waitFor(() => expect(route.path).toBe(OURS));
    const sent = sentTo(wire, 'template_edit')[0] as { rows: { text: string }[] };
    const made = sent.rows.find(({ text }) => text === 'Look');
    expect(made).toMatchObject({ kind: 'schedule', schedule: 'month 2+' });
  });

  it('puts a line into another section, and gives its heading another name', async () => {
    const { user, wire } = mountApp(`${OURS}/edit`);
    (await screen.findByTestId('edit-rows')).focus();
    await user.keyboard('{ArrowDown}{Enter}');
    await user.selectOptions(await screen.findByTestId('row-section'), '1');
    const heading = await screen.findByTestId('row-heading');
    await user.clear(heading);
    await user.type(heading, 'Later{Enter}');
    await user.click(screen.getByTestId('edit-save'));
    await waitFor(() => expect(route.path).toBe(OURS));
    const sent = sentTo(wire, 'template_edit')[0] as { rows: { section: string[] }[] };
    expect(sent.rows.filter(({ section }) => section.at(-1) === 'Later').length).toBeGreaterThan(1);
  });

  it('says which line cannot be kept, and opens it', async () => {
    const { user, wire } = mountApp(`${OURS}/edit`);
    await user.click(await screen.findByTestId('row-add'));
    expect(await screen.findByTestId('row-fault')).toHaveTextContent('A line has a text.');
    expect(screen.getByTestId('edit-save')).toHaveAttribute('aria-disabled', 'true');
    await user.keyboard('{Control>}s{/Control}');
    expect(sentTo(wire, 'template_edit')).toEqual([]);
    await user.type(screen.getByTestId('row-text'), 'Lawyers told');
    await waitFor(() => expect(screen.queryByTestId('row-fault')).toBeNull());
    await user.click(screen.getByTestId('edit-save'));
    await waitFor(() => expect(sentTo(wire, 'template_edit')).toHaveLength(1));
    await waitFor(() => expect(route.path).toBe(OURS));
  });

  it('is not left by accident', async () => {
    const { user } = mountApp(`${OURS}/edit`);
    await user.click(await screen.findByTestId('row-add'));
    await user.click(screen.getByTestId('edit-leave'));
    expect(await screen.findByTestId('edit-leaving')).toBeVisible();
    await user.click(screen.getByTestId('edit-discard'));
    await waitFor(() => expect(route.path).toBe(OURS));
  });
});
