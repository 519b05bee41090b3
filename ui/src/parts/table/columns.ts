/** What a table's columns are, and which of them fit. Pure, so that every screen can test its own. */

export interface Column<T> {
  /** Its word; also the word a sorted answer is asked with. */
  id: string;
  title: string;
  /** The cell as text: copied, read out, and drawn when the screen draws nothing else. */
  text(row: T): string;
  align?: 'start' | 'end';
  /** Least width in CSS pixels. */
  min: number;
  /** Share of what is left over. */
  grow?: number;
  /** 0 always stays; of the others the highest leaves first when the window is narrow. */
  priority?: number;
  isSortable?: boolean;
}

/** The rows a table draws, wherever they come from. */
export interface RowSource<T> {
  readonly total: number;
  /** The row, or nothing while it is on its way. */
  at(index: number): T | undefined;
  see?(first: number, last: number): void;
}

/** Rows that are all here. */
export const rowsOf = <T>(rows: readonly T[]): RowSource<T> => ({
  total: rows.length,
  at: (index) => rows[index],
});

/** Drops columns, the least important first and from the right, until the rest fits. */
export function fit<T>(columns: readonly Column<T>[], width: number): Column<T>[] {
  const kept = [...columns];
  const sum = () => kept.reduce((all, column) => all + column.min, 0);
  while (width > 0 && sum() > width) {
    let worst = -1;
    for (const [index, column] of kept.entries()) {
      const priority = column.priority ?? 0;
      if (priority > 0 && priority >= (kept[worst]?.priority ?? 1)) worst = index;
    }
    if (worst < 0) break;
    kept.splice(worst, 1);
  }
  return kept;
}

/** The columns as a value of `grid-template-columns`. */
export const template = <T>(columns: readonly Column<T>[]): string =>
  columns.map(({ min, grow = 0 }) => (grow > 0 ? `minmax(${min}px, ${grow}fr)` : `${min}px`)).join(' ');

/** A row as a sentence for people who do not see the table. */
export const sentence = <T>(columns: readonly Column<T>[], row: T): string =>
  columns
    .map(({ title, text }) => [title, text(row)] as const)
    .filter(([, text]) => text !== '')
    .map(([title, text]) => (title === '' ? text : `${title}: ${text}`))
    .join(', ');

export interface Sort {
  sort: string;
  is_reversed: boolean;
}

/** The next order when a header is pressed: this column, this column reversed, the screen's own order. */
export function nextSort(now: Sort, column: string): Sort {
  if (now.sort !== column) return { sort: column, is_reversed: false };
  return now.is_reversed ? { sort: '', is_reversed: false } : { sort: column, is_reversed: true };
}
