/** What calls for a rollback stands above every screen. */
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { expectAccessible, mountApp } from '../fixtures/mount';
import { go } from '../parts/route.svelte';

it('stands on every screen once an indicator tripped, with what was seen', async () => {
  const { user } = mountApp('/checklists/runs/run_2140?tab=rollback');
  const [lamp] = await screen.findAllByTestId('lamp');
  expect(screen.queryByTestId('alarm')).toBeNull();
  await user.click(within(lamp!).getByTestId('lamp-trip'));
  await user.type(await screen.findByTestId('ask-text'), 'Checkout answers 500');
  await user.click(screen.getByTestId('ask-submit'));
  expect(await screen.findByTestId('alarm')).toHaveTextContent(/Rollback advised: .*Checkout answers 500/);
  go('/customers');
  await screen.findByRole('heading', { name: 'Customers' });
  await waitFor(() => expect(screen.getByTestId('alarm')).toBeVisible());
  await expectAccessible();
  await user.click(screen.getByTestId('alarm'));
  expect(await screen.findAllByTestId('lamp')).not.toHaveLength(0);
});

it('says when the newest entry was written with a warning', async () => {
  mountApp('/customers', 'state=failing');
  expect(await screen.findByTestId('ledger-warning')).toHaveTextContent(/keychain did not take/);
  await expectAccessible();
});
