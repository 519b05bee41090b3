/** The list of runs as people narrow it, over the invented company. */
import { screen, waitFor } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { expectAccessible, mountApp } from '../../fixtures/mount';
import { route } from '../../parts/route.svelte';

it('runs are narrowed, say that a gate was overridden, and all come back', async () => {
  const { user } = mountApp('/checklists');
  expect(await screen.findAllByTestId('runs-row')).toHaveLength(3);
  expect(screen.getByText('Overridden, hold')).toBeVisible();
  await expectAccessible();
  await user.selectOptions(screen.getByTestId('filter-owner'), 'me');
  await waitFor(() => expect(screen.getAllByTestId('runs-row')).toHaveLength(1));
  await user.selectOptions(screen.getByTestId('filter-environment'), 'staging');
  expect(await screen.findByTestId('filtered-empty')).toHaveTextContent('2 filters are active.');
  await user.click(screen.getByTestId('filter-clear'));
  await waitFor(() => expect(screen.getAllByTestId('runs-row')).toHaveLength(3));
  expect(route.text).toBe('/checklists');
});
