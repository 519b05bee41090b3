import { screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Contact } from '../../../../contract/Contact';
import type { Gates } from '../../../../contract/Gates';
import type { ItemView } from '../../../../contract/ItemView';
import { mountApp } from '../../../../fixtures/mount';
import {
  cardWord,
  cleaned,
  EMPTY,
  escalation,
  groupsOf,
  heading,
  isBeforeFirstGate,
  minutesFault,
  missingCount,
  personOf,
  roleOf,
  waysOf,
} from './model';

const contact = (item: string, more: Partial<Contact> = {}): Contact => ({
  item,
  section: ['Emergency Contacts', 'Technical Issues'],
  text: 'Primary',
  given: 'DevOps Team Lead',
  card: null,
  set_at: null,
  missing: ['the person'],
  ...more,
});
const line = (more: Partial<ItemView>) => ({ id: 'a', counts: true, state: 'open', ...more }) as ItemView;

describe('cards', () => {
  it('stay in the order of the list, under their headings', () => {
    const vendor = contact('c', { section: ['Support Contacts', 'Vendor Support:'] });
    const groups = groupsOf([contact('a'), contact('b'), vendor, contact('d')]);
    expect(groups.map(({ path, contacts }) => [heading(path), contacts.length])).toEqual([
      ['Technical Issues', 2],
      ['Vendor Support', 1],
      ['Technical Issues', 1],
    ]);
  });

  it('that lack something are a fault before the first gate and a remark after it', () => {
    expect(cardWord(contact('a'), line({}), true)).toBe('missing');
    expect(cardWord(contact('a'), line({}), false)).toBe('incomplete');
    expect(cardWord(contact('a'), line({ counts: false }), true)).toBe('optional');
    expect(cardWord(contact('a'), line({ state: 'waived' }), true)).toBe('optional');
    expect(cardWord(contact('a', { missing: [] }), line({}), true)).toBe('listed');
    expect(cardWord(contact('a', { missing: [], card: EMPTY }), line({}), true)).toBe('complete');
    expect(
      missingCount([contact('a'), contact('b')], [line({}), line({ id: 'b', counts: false })], true),
    ).toBe(1);
  });

  it('know the first gate, and do not guess before it is answered', () => {
    const gates = (opened_at: string | null) => ({ phase: 0, gates: [{ opened_at }] }) as Gates;
    expect(isBeforeFirstGate(gates(null))).toBe(true);
    expect(isBeforeFirstGate(gates('2026-11-20T09:00:00Z'))).toBe(false);
    expect(isBeforeFirstGate(undefined)).toBe(false);
    expect(isBeforeFirstGate({ phase: null, gates: [] })).toBe(false);
  });

  it('tell a role from an address', () => {
    const vendor = contact('v', { given: 'support@stripe.com' });
    expect([roleOf(vendor), personOf(vendor, '–')]).toEqual(['', '']);
    expect(waysOf(vendor)).toEqual([{ name: 'Address', value: 'support@stripe.com' }]);
    expect([roleOf(contact('a')), personOf(contact('a'), '–')]).toEqual(['DevOps Team Lead', '–']);
    const card = { ...EMPTY, chat: '@bo', phone: '1' };
    expect(waysOf(contact('a', { card })).map(({ name }) => name)).toEqual(['Phone', 'Chat']);
  });

  it('say who is called next, and when', () => {
    const card = { ...EMPTY, escalate_after_minutes: '15' };
    expect(escalation(contact('a', { card }), contact('b', { text: 'Secondary' }))).toBe(
      'No answer within 15 min: call Secondary',
    );
    expect(escalation(contact('a', { card }), undefined)).toBe('');
    expect(escalation(contact('a', { card: EMPTY }), contact('b'))).toBe('');
  });

  it('are sent trimmed, with minutes that are a number', () => {
    expect(cleaned({ ...EMPTY, person: ' Bo ', escalate_after_minutes: ' 015 ' })).toMatchObject({
      person: 'Bo',
      escalate_after_minutes: '15',
      tested_at: null,
    });
    expect(cleaned({ ...EMPTY, escalate_after_minutes: '' }).escalate_after_minutes).toBe('0');
    expect(minutesFault('soon')).not.toBeNull();
    expect(minutesFault('-5')).not.toBeNull();
    expect(minutesFault(' 30 ')).toBeNull();
  });
});

it('calls somebody with the program of the computer, by the line and never by a text', async () => {
  const { user, wire } = mountApp('/checklists/runs/run_2140?tab=contacts');
  await user.click((await screen.findAllByRole('button', { name: 'Call' }))[0]!);
  const asked = wire.calls.filter(({ command }) => command === 'open_link').map(({ args }) => args);
  expect(asked).toEqual([{ kind: 'contact_phone', id: expect.stringMatching(/^run_2140\/\w/) }]);
});
