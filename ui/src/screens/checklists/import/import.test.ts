/** A text and its name on their way into a template. */
import { screen, waitFor } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { mountApp } from '../../../fixtures/mount';

it('names a list by its own text, and keeps a name that was typed', async () => {
  const { user, wire } = mountApp('/checklists/import');
  const write = async (text: string) => {
    const field = await screen.findByTestId('import-text');
    await user.clear(field);
    await user.click(field);
    await user.paste(text);
    await user.click(screen.getByTestId('import-read'));
    return screen.findByTestId('import-name');
  };
  expect(await write('# One\n- [ ] a')).toHaveValue('One');
  await user.click(screen.getByTestId('import-back'));
  const name = await write('# Two\n- [ ] b');
  expect(name).toHaveValue('Two');
  await user.clear(name);
  await user.type(name, 'Ours');
  await user.click(screen.getByTestId('import-back'));
  expect(await write('# Three\n- [ ] c')).toHaveValue('Ours');
  await user.click(screen.getByTestId('import-back'));
  await user.click(screen.getByTestId('import-file'));
  await waitFor(() => expect(screen.getByTestId('import-name')).toHaveValue('Release'));
  await user.click(screen.getByTestId('import-back'));
  await write('- [ ] something else');
  const asked = wire.calls.filter(({ command }) => command === 'template_preview');
  const files = asked.map(({ args }) => (args['request'] as { file: string }).file);
  expect(files).toEqual(['', '', '', 'release.md', '']);
});
