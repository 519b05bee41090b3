/** What leaves the ledger by itself or on demand, as people use it, over the invented company. */
import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { expectAccessible, mountApp } from '../../fixtures/mount';

describe('the second folder', () => {
  it('is chosen, shown with what is there, and given up again', async () => {
    const { user, wire } = mountApp('/audit');
    await user.click(await screen.findByTestId('second-folder'));
    expect(screen.getByTestId('no-compliance')).toHaveTextContent(/not by itself compliance/);
    expect(await screen.findByTestId('second-dialog')).toHaveTextContent('No folder is chosen');
    await expectAccessible();
    await user.click(screen.getByTestId('second-pick'));
    await waitFor(() =>
      expect(screen.getByTestId('second-dialog')).toHaveTextContent(/\/mnt\/finance\/witness.*entry 12408/),
    );
    await user.click(screen.getByTestId('second-stop'));
    await waitFor(() =>
      expect(screen.getByTestId('second-folder')).toHaveTextContent('Choose a second folder'),
    );
    const sent = wire.calls.filter(({ command }) => command === 'checkpoint_folder');
    expect(sent.map(({ args }) => args['request'])).toEqual([{ folder: 'folder-1' }, { folder: null }]);
  });
});

describe('an extract', () => {
  it('has the entries of the filters in force', async () => {
    const { user, wire } = mountApp('/audit?signed=1&from=2026-11-01');
    await user.click(await screen.findByRole('button', { name: /Extract/ }));
    await waitFor(() =>
      expect(screen.getByTestId('toast')).toHaveTextContent(/written to countersign-extract.csv/),
    );
    const [sent] = wire.calls.filter(({ command }) => command === 'audit_extract');
    expect(sent?.args['request']).toMatchObject({
      file: 'file-2',
      entries: { is_signed: true, from: '2026-11-01', kind: '' },
    });
  });
});
