import { render, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { RunStory } from '../../../fixtures/asks/checklists';
import { mountApp } from '../../../fixtures/mount';
import { groupsOf, holds } from './model';
import Slots from './Slots.svelte';

const sent = (wire: { calls: { command: string; args: Record<string, unknown> }[] }, command: string) =>
  wire.calls.find((call) => call.command === command)!.args;

describe('a signature asked for by file', () => {
  it('is asked with the passphrase beside the request, and the slot says so', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140/sign?role=finance&scope=phase-1');
    await screen.findByTestId('statement');
    await user.keyboard('{Shift>}A{/Shift}');
    const dialog = within(await screen.findByTestId('ask-dialog'));
    await user.type(dialog.getByTestId('ask-passphrase'), 'correct horse battery{Enter}');
    expect(await dialog.findByTestId('ask-file')).toHaveTextContent('request.json');
    expect(sent(wire, 'sign_ask')).toMatchObject({
      secret: 'correct horse battery',
      request: { role: 'finance', scope: 'phase-1', file: 'file-2' },
    });
    expect(sent(wire, 'pick_save')['name']).toBe('v2.14.0-finance-request.json');
    await user.click(dialog.getByText('Close', { selector: 'span' }));
    await waitFor(() =>
      expect(screen.getByTestId('slot-phase-1-finance')).toHaveTextContent('Asked by file'),
    );
  });

  it('stays unasked with a wrong passphrase, which is gone', async () => {
    const { user } = mountApp('/checklists/runs/run_2140/sign?role=finance&scope=phase-1');
    await user.click(await screen.findByTestId('ask-by-file'));
    const field = await screen.findByTestId('ask-passphrase');
    await user.type(field, 'wrong{Enter}');
    expect(await screen.findByText(/passphrase is wrong/)).toBeVisible();
    expect(field).toHaveValue('');
  });

  it('is not asked for what cannot be signed, and says why', async () => {
    const { user } = mountApp('/checklists/runs/run_2140/sign?role=operations_manager&scope=phase-2');
    await screen.findByTestId('held-up');
    await user.keyboard('{Shift>}A{/Shift}');
    expect(screen.queryByTestId('ask-dialog')).toBeNull();
    expect(
      await screen.findByText('Phase 1: Soft launch signs first.', { selector: '[role] *' }),
    ).toBeVisible();
  });
});

describe('a signature in a file', () => {
  it('is shown first, then taken in', async () => {
    const { user, wire } = mountApp('/checklists/runs/run_2140/sign');
    await screen.findByTestId('statement');
    await user.keyboard('{Shift>}S{/Shift}');
    const dialog = within(await screen.findByTestId('take-dialog'));
    expect(await dialog.findByTestId('take-by')).toHaveTextContent('Priya Raman');
    expect(dialog.getByTestId('take-statement')).toHaveTextContent('I approve phase 1 of this run');
    await user.click(dialog.getByTestId('take-submit'));
    expect(await screen.findByTestId('signed-seq')).toHaveTextContent('12409');
    expect(screen.getByTestId('signed')).toHaveTextContent(/Key\s*\S*[0-9a-f]{4}/);
    await waitFor(() =>
      expect(screen.getByTestId('slot-phase-1-finance')).toHaveAttribute('data-state', 'signed'),
    );
    expect(screen.getByTestId('slot-phase-1-finance')).toHaveTextContent('on another computer');
    expect(sent(wire, 'signature_take')['request']).toMatchObject({ run: 'run_2140', file: 'file-1' });
  });
});

describe('a request to sign', () => {
  it('is opened, read, signed and sent back', async () => {
    const { user, wire } = mountApp('/checklists');
    await screen.findByText('Open a request');
    await user.keyboard('{Shift>}O{/Shift}');
    await user.click(await screen.findByTestId('open-request'));
    expect(await screen.findByTestId('asked')).toHaveTextContent('Asked by Jonas Lindqvist');
    expect(screen.queryByTestId('asked-unknown')).toBeNull();
    await user.type(screen.getByTestId('request-comment'), 'Seen.');
    await waitFor(() => expect(screen.getByTestId('request-statement')).toHaveTextContent('Comment: Seen.'));
    await user.type(await screen.findByTestId('request-passphrase'), 'correct horse battery{Enter}');
    expect(await screen.findByTestId('answered')).toHaveTextContent('v2.14.0-finance-signature.json');
    expect(sent(wire, 'sign_answer')).toMatchObject({
      secret: 'correct horse battery',
      request: { request: 'file-1', file: 'file-2', meaning: 'approve', comment: 'Seen.' },
    });
  });

  it('is rejected with the lines it opens again', async () => {
    const { user, wire } = mountApp('/checklists/requests');
    await user.click(await screen.findByTestId('open-request'));
    expect(screen.queryByTestId('reopen-lines')).toBeNull();
    await user.click(await screen.findByTestId('meaning-reject'));
    await user.type(screen.getByTestId('request-comment'), 'The figures are old.');
    await user.type(screen.getByTestId('reopen-find'), 'failure');
    expect(within(screen.getByTestId('reopen-lines')).getAllByRole('checkbox')).toHaveLength(1);
    await user.click(screen.getByTestId('reopen-payment-failure-rate'));
    await waitFor(() => expect(screen.getByTestId('request-statement')).toHaveTextContent('old'));
    await user.type(screen.getByTestId('request-passphrase'), 'correct horse battery{Enter}');
    await waitFor(() =>
      expect(sent(wire, 'sign_answer')).toMatchObject({
        request: { meaning: 'reject', reopens: ['payment-failure-rate'] },
      }),
    );
  });

  it('of somebody unknown asks to compare the fingerprint', async () => {
    const { user } = mountApp('/checklists/requests', 'state=empty');
    await screen.findByTestId('open-request');
    await user.keyboard('{Shift>}O{/Shift}');
    expect(await screen.findByTestId('asked-unknown')).toHaveTextContent('Compare the fingerprint');
  });
});

describe('a roster', () => {
  it('is read person by person, and taken up with a signature', async () => {
    const { user, wire } = mountApp('/settings/operators');
    await user.click(await screen.findByTestId('read-roster'));
    const dialog = within(await screen.findByTestId('roster-in'));
    const listed = await dialog.findAllByTestId('listed');
    expect(listed.map((one) => one.dataset['change'])).toEqual(['new', 'refused']);
    expect(listed[1]).toHaveTextContent('one person signs with one key');
    await user.type(dialog.getByTestId('roster-passphrase'), 'correct horse battery{Enter}');
    await waitFor(() => expect(screen.queryByTestId('roster-in')).toBeNull());
    await waitFor(() => expect(screen.getAllByTestId('operator-row')).toHaveLength(4));
    expect(sent(wire, 'roster_take')['secret']).toBe('correct horse battery');
  });

  it('is written with a fingerprint to read out', async () => {
    const { user } = mountApp('/settings/operators');
    await user.click(await screen.findByTestId('write-roster'));
    await user.type(await screen.findByTestId('roster-passphrase'), 'correct horse battery{Enter}');
    expect(await screen.findByTestId('roster-file')).toHaveTextContent('roster.json');
  });

  it('loses a key that is revoked, with a reason', async () => {
    const { user, wire } = mountApp('/settings/operators');
    await user.click(await screen.findByTestId('revoke-op_amal'));
    await user.type(await screen.findByTestId('revoke-passphrase'), 'correct horse battery');
    await user.click(screen.getByTestId('revoke-submit'));
    expect(wire.calls.some(({ command }) => command === 'key_revoke')).toBe(false);
    await user.type(screen.getByTestId('revoke-reason'), 'lost laptop');
    await user.click(screen.getByTestId('revoke-submit'));
    await waitFor(() => expect(screen.queryByTestId('revoke-op_amal')).toBeNull());
    expect(sent(wire, 'key_revoke')['request']).toMatchObject({ operator: 'op_amal', reason: 'lost laptop' });
  });
});

describe('a signature that does not count', () => {
  it('stays to be seen with its reason, and its line can be signed again', () => {
    const why = 'Signed by Quin at 09:00 with a key that was revoked as of 08:00; it does not count.';
    const slot = { ...new RunStory().signatures[0]!, state: 'void', by: 'Quin', seq: 12, waits_for: why };
    const { role, scope } = slot;
    render(Slots, { groups: groupsOf([slot]), chosen: '', held: [], onpick: () => undefined });
    expect(screen.getByTestId(`slot-${scope}-${role}`)).toHaveTextContent('Does not count');
    expect(screen.getByTestId('slot-why')).toHaveTextContent(why);
    expect(holds(slot)).toBeNull();
  });
});
