import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import SeenTables from './SeenTables.svelte';

const column = (label: string, is_figure = true) => ({ label, is_figure });

describe('tables behind a date', () => {
  it('are shown whatever their columns are called, and a digest is broken', () => {
    const digest = 'd2f17ed312c025d30c6107c071b2e8d81c5accba61080e3519dc9a0c598aff32';
    const tables = [
      {
        title: 'Tickets by day',
        note: '',
        columns: [column('Day', false), column('All'), column('All')],
        rows: [['2026-11-21', '2', '6']],
        rows_in_all: 1,
      },
      {
        title: 'Counted from',
        note: '',
        columns: [column('File', false), column('SHA-256', false)],
        rows: [['helpdesk.csv', digest]],
        rows_in_all: 1,
      },
    ];
    render(SeenTables, { tables });
    expect(screen.getAllByRole('columnheader', { name: 'All' })).toHaveLength(2);
    expect(screen.getByText(digest)).toHaveClass('digest');
    expect(screen.getByText('helpdesk.csv')).not.toHaveClass('digest');
  });
});
