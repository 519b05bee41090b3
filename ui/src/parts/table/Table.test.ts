import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '../../fixtures/mount';
import { testDesk } from '../../fixtures/stages/desk';
import TableStage from '../../fixtures/stages/TableStage.svelte';
import { registry } from '../keys.svelte';
import { placeOf } from './places';

const people = Array.from({ length: 1_000 }, (_, number) => ({
  name: `Person ${number}`,
  mrr: `${number}.00 USD`,
}));
let lists = 0;

function show(more: Record<string, unknown> = {}) {
  const desk = testDesk();
  const onopen = vi.fn();
  const onsort = vi.fn();
  const source = { total: people.length, at: (index: number) => people[index], see: vi.fn() };
  render(TableStage, { desk, source, onopen, onsort, memory: `people ${(lists += 1)}`, ...more });
  const grid = screen.getByRole('grid', { name: 'People' });
  grid.focus();
  const active = () => document.getElementById(grid.getAttribute('aria-activedescendant') ?? '');
  return { desk, onopen, onsort, source, grid, active, user: userEvent.setup() };
}

describe('a table', () => {
  beforeEach(() => {
    registry.hasLetters = true;
  });

  it('draws what is in sight of a thousand rows, and says how many there are', () => {
    const { grid, source } = show();
    const drawn = screen.getAllByTestId('people-row');
    expect(drawn.length).toBeGreaterThan(10);
    expect(drawn.length).toBeLessThan(60);
    expect(grid).toHaveAttribute('aria-rowcount', '1001');
    expect(source.see).toHaveBeenCalledWith(0, drawn.length - 1);
    expect(screen.getByText('1,000 people')).toBeVisible();
    expect(screen.getByText('4,400')).toBeVisible();
  });

  it('reads a row out as a sentence', () => {
    show();
    expect(screen.getByRole('row', { name: 'Name: Person 3, MRR: 3.00 USD' })).toHaveAttribute(
      'aria-rowindex',
      '5',
    );
  });

  it('is walked through by keyboard and opens what is aimed at', async () => {
    const { active, onopen, user } = show();
    await user.keyboard('jj');
    await user.keyboard('{ArrowDown}k');
    const now = active()?.getAttribute('aria-rowindex');
    await user.keyboard('{Enter}');
    expect(onopen).toHaveBeenCalledExactlyOnceWith(people[Number(now) - 2]);
    await user.keyboard('{Home}{Enter}');
    expect(onopen).toHaveBeenLastCalledWith(people[0]);
  });

  it('copies the cell that is aimed at', async () => {
    const { desk, user } = show();
    await user.keyboard('{Home}j');
    await user.keyboard('{ArrowRight}{ArrowRight}c');
    expect(desk.copy).toHaveBeenCalledWith('1.00 USD', 'MRR');
  });

  it('sorts by heading and by key', async () => {
    const { onsort, user } = show();
    await user.click(screen.getByTestId('sort-mrr'));
    expect(onsort).toHaveBeenLastCalledWith({ sort: 'mrr', is_reversed: false });
    screen.getByRole('grid').focus();
    await user.keyboard('{ArrowRight}s');
    expect(onsort).toHaveBeenLastCalledWith({ sort: 'name', is_reversed: false });
  });

  it('leaves letters alone when they are switched off', async () => {
    const { desk, active, user } = show();
    registry.hasLetters = false;
    await user.keyboard('{Home}');
    const before = active()?.id;
    await user.keyboard('jc');
    expect(active()?.id).toBe(before);
    expect(desk.copy).not.toHaveBeenCalled();
    await user.keyboard('{ArrowDown}');
    expect(active()?.id).not.toBe(before);
  });

  it('is found again where it was left', async () => {
    const memory = 'people, left';
    const { grid, source, desk } = show({ memory });
    grid.scrollTop = 3_400;
    await fireEvent.scroll(grid);
    cleanup();
    expect(placeOf(memory).offset).toBe(3_400);
    render(TableStage, { desk, source, memory });
    expect(screen.getByRole('grid')).toBeVisible();
  });

  it('shows that a row is on its way', () => {
    show({ source: { total: 3, at: () => undefined } });
    expect(screen.getAllByRole('row', { name: 'Loading' })).toHaveLength(3);
  });

  it('passes the accessibility check', async () => {
    show();
    await expectAccessible();
  });
});
