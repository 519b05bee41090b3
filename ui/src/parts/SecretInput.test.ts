import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { expectForgotten } from '../fixtures/mount';
import SecretInput from './SecretInput.svelte';

it('gives a secret once and forgets it', async () => {
  const onlook = vi.fn();
  const { component } = render(SecretInput, { onlook, 'aria-label': 'Key' });
  const field = screen.getByLabelText<HTMLInputElement>('Key');
  expect(field.type).toBe('password');
  await userEvent.type(field, 'rk_test_1');
  expect(onlook).toHaveBeenLastCalledWith('rk_test_1');
  expect(component.take()).toBe('rk_test_1');
  expect(field.value).toBe('');
  expect(component.take()).toBe('');
  expectForgotten('rk_test_1');
});
