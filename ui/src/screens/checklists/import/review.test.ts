import { describe, expect, it } from 'vitest';
import { preview } from '../../../fixtures/asks/checklists';
import {
  choicesOf,
  decide,
  decisionList,
  kindChoices,
  kindOf,
  limitOf,
  probeOf,
  shown,
  sourceFault,
  undecided,
  type Decisions,
} from './review';

const read = preview('# Release\n\n- [ ] Backups\n- [ ] Events\n- [ ] Prices\n- [ ] Told\n', '');
const row = read.rows.find((one) => one.probe !== null)!;

describe('a source', () => {
  it('must have a text of at most 1 MiB', () => {
    expect(sourceFault('  \n')).toMatch(/Paste/);
    expect(sourceFault('- [ ] a')).toBeNull();
    expect(sourceFault('é'.repeat(600_000))).toMatch(/1,200,000 bytes/);
  });
});

describe('decisions', () => {
  it('are remembered only when they say something new', () => {
    const some = decide({}, row, { kind: 'manual' });
    expect(kindOf(row, some)).toBe('manual');
    expect(decide(some, row, { kind: row.kind })).toEqual({});
    expect(decide({}, row, { probe: '' })).toEqual({});
  });

  it('of two kinds about one row are kept together', () => {
    const both = decide(decide({}, row, { kind: 'manual' }), row, { probe: 'none' });
    expect(decisionList(both)).toEqual([{ row: row.id, kind: 'manual', probe: 'none', limit: null }]);
    expect(probeOf(row, both)).toBe('none');
  });

  it('give a line to a person with its check, and back', () => {
    const byHand = decide({}, row, { probe: 'none' });
    expect([row.kind, kindOf(row, byHand)]).toEqual(['auto', 'manual']);
    expect(decide(byHand, row, { probe: '' })).toEqual({});
    const contact = { ...row, kind: 'contact' };
    expect(kindOf(contact, decide({}, contact, { probe: 'none' }))).toBe('contact');
  });

  it('confirm a suggestion as it stands', () => {
    const suggested = { ...row, is_suggested: true };
    const own = choicesOf(suggested, read.checks).find(({ value }) => value === row.probe);
    expect(own?.label).toBe(`Confirmed: ${row.probe}`);
    const confirmed = decide({}, suggested, { probe: own?.value ?? '' });
    expect(decisionList(confirmed)).toEqual([{ row: row.id, kind: '', probe: row.probe, limit: null }]);
    expect(undecided([suggested], confirmed)).toBe(0);
    const values = choicesOf(suggested, read.checks).map(({ value }) => value);
    expect(new Set(values).size).toBe(values.length);
  });

  it('give a line another limit, or none', () => {
    const limited = { ...row, limit: '> 99 %' };
    const other = decide({}, limited, { limit: '> 95 %' });
    expect(limitOf(limited, other)).toBe('> 95 %');
    expect(limitOf(limited, decide({}, limited, { limit: '' }))).toBe('');
    expect(decide(other, limited, { limit: ' > 99 % ' })).toEqual({});
    expect(kindOf(limited, other)).toBe(limited.kind);
  });

  it('offer the kinds a line may have', () => {
    const kinds = (kind: string) => kindChoices({ ...row, kind }).map(({ value }) => value);
    expect(kinds('contact')).toEqual(['contact']);
    expect(kinds('auto')).not.toContain('schedule');
    expect(kinds('schedule')).toContain('schedule');
  });

  it('leave fewer suggestions undecided', () => {
    const before = undecided(read.rows, {});
    expect(before).toBeGreaterThan(0);
    expect(undecided(read.rows, decide({}, row, { probe: 'none' }))).toBe(before - 1);
  });
});

it('shows rows by what one looks for', () => {
  const decisions: Decisions = decide({}, row, { probe: 'none' });
  expect(shown(read, decisions, 'all')).toHaveLength(4);
  expect(shown(read, decisions, 'changed')).toEqual([row]);
  expect(shown(read, decisions, 'suggested').every(({ probe }) => probe !== null)).toBe(true);
  expect(shown(read, decisions, 'odd').map(({ line }) => line)).toEqual([3]);
});
