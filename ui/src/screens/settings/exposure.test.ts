/** Who counts as exposed, as people set it, over the invented company. */
import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { expectAccessible, mountApp } from '../../fixtures/mount';
import { exposureFaults, newExposure, newRule, sent } from './exposure';

const sentTo = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args);

describe('the form of an exposure', () => {
  it('names what is missing by its field', () => {
    expect(exposureFaults(null)).toEqual({});
    expect(Object.keys(exposureFaults(newExposure()))).toEqual(['exposure.table', 'exposure.exposed.column']);
    const compared = { column: 'plan', operator: '=', value: '' } as const;
    const both = { table: 'User', exposed: compared, eligible: newRule() };
    expect(Object.keys(exposureFaults(both))).toEqual(['exposure.exposed.value', 'exposure.eligible.column']);
  });

  it('sends no value where the operator takes none', () => {
    const rule = { column: 'on', operator: 'is true', value: 'left over' } as const;
    expect(sent({ table: 'User', exposed: rule, eligible: { ...rule, operator: '=' } })).toEqual({
      table: 'User',
      exposed: { column: 'on', operator: 'is true', value: '' },
      eligible: { column: 'on', operator: '=', value: 'left over' },
    });
  });
});

describe('the exposure in the settings', () => {
  it('is counted before it is kept, and says what does not fit beside the field', async () => {
    const { user, wire } = mountApp('/settings/workspace');
    const table = await screen.findByTestId('exposure-table');
    await user.click(screen.getByTestId('exposure-try'));
    await waitFor(() =>
      expect(screen.getByTestId('exposure-tried')).toHaveTextContent('1,204 of 12,000 users = 10.03 %'),
    );
    await user.clear(table);
    await user.type(table, 'Users');
    expect(screen.getByTestId('exposure-tried')).not.toHaveTextContent('10.03 %');
    await user.click(screen.getByTestId('exposure-try'));
    await waitFor(() => expect(table).toHaveAccessibleDescription(/near it: `User`/));
    expect(table).toHaveValue('Users');
    expect(table).toHaveAttribute('aria-invalid', 'true');
    expect(sentTo(wire, 'workspace_set')).toHaveLength(0);
    await expectAccessible();
  });

  it('is kept with a rule for the eligible, and asks for what is missing first', async () => {
    const { user, wire } = mountApp('/settings/workspace');
    await user.click(await screen.findByTestId('eligible-on'));
    await user.selectOptions(screen.getByTestId('eligible-operator'), '!=');
    await user.click(screen.getByTestId('workspace-save'));
    expect(screen.getByTestId('eligible-column')).toHaveAccessibleDescription('The column that tells.');
    expect(sentTo(wire, 'workspace_set')).toHaveLength(0);
    await user.type(screen.getByTestId('eligible-column'), 'plan');
    await user.type(screen.getByTestId('eligible-value'), 'FREE{Enter}');
    await waitFor(() => expect(sentTo(wire, 'workspace_set')).toHaveLength(1));
    expect(sentTo(wire, 'workspace_set')[0]).toMatchObject({
      request: {
        exposure: {
          table: 'User',
          exposed: { column: 'newBillingEnabled', operator: 'is true', value: '' },
          eligible: { column: 'plan', operator: '!=', value: 'FREE' },
        },
      },
    });
  });

  it('is taken away by one box, and comes back empty', async () => {
    const { user, wire } = mountApp('/settings/workspace');
    const box = await screen.findByTestId('exposure-on');
    await user.click(box);
    expect(screen.queryByTestId('exposure-table')).toBeNull();
    await user.click(screen.getByTestId('workspace-save'));
    await waitFor(() => expect(sentTo(wire, 'workspace_set')).toHaveLength(1));
    expect(sentTo(wire, 'workspace_set')[0]).toMatchObject({ request: { exposure: null } });
    await user.click(await screen.findByTestId('exposure-on'));
    expect(screen.getByTestId('exposure-table')).toHaveValue('');
    await user.click(screen.getByTestId('exposure-try'));
    expect(screen.getByTestId('exposure-table')).toHaveAccessibleDescription(/one row for each user/);
    expect(sentTo(wire, 'exposure_try')).toHaveLength(0);
  });
});
