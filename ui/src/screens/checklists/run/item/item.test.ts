/** One item as people use it, over the invented company. */
import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { templatePage } from '../../../../fixtures/asks/checklists';
import { expectAccessible, mountApp } from '../../../../fixtures/mount';
import { KIND_NAMES } from '../../model';
import { attachedName } from './model';

const RUN = '/checklists/runs/run_2140';
const sentTo = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args);

it.each([
  ['report, final.pdf, 16 bytes', 'report, final.pdf'],
  ['report.pdf', 'report.pdf'],
])('the file of %j is %j', (title, name) => expect(attachedName(title)).toBe(name));

describe('an item', () => {
  it.each(Object.keys(KIND_NAMES))('of kind %s says what helps, and who may confirm it', async (kind) => {
    const row = templatePage('devflowhub-rollout').rows.find((one) => one.kind === kind)!;
    mountApp(`${RUN}?item=${row.id}`);
    const place = kind === 'command' ? 'command-danger' : 'item-help';
    expect(await screen.findByTestId(place)).toHaveTextContent(row.help);
    expect(screen.getByTestId('item-confirm')).toHaveTextContent(/^Who may confirm it: \w.*\.$/);
  });

  it('that names a role is confirmed by whoever holds it', async () => {
    const row = templatePage('devflowhub-rollout').rows.find((one) => one.confirm.length > 0)!;
    mountApp(`${RUN}?item=${row.id}`);
    expect(await screen.findByTestId('item-confirm')).toHaveTextContent('Finance manager');
  });

  it('takes a chosen file as evidence, by its handle', async () => {
    const { user, wire } = mountApp(`${RUN}?item=i007`);
    await user.click(await screen.findByTestId('item-attach'));
    await waitFor(() =>
      expect(sentTo(wire, 'item_attach')[0]?.['request']).toMatchObject({ item: 'i007', file: 'file-1' }),
    );
    expect(await screen.findByText('release.md')).toBeVisible();
  });

  it('has its files verified by a key, each saying what was found, and gives a copy', async () => {
    const { user, wire } = mountApp(`${RUN}?item=i009`);
    await screen.findAllByTestId('evidence-verify');
    await user.keyboard('v');
    const found = () => screen.getAllByTestId('evidence-found').map(({ dataset }) => dataset['found']);
    await waitFor(() => expect(found()).toEqual(['same', 'changed', 'missing']));
    const [same, changed] = screen.getAllByTestId('evidence-found');
    expect(same).toHaveTextContent(/Verified.*48,213 bytes/);
    expect(changed).toHaveTextContent('Changed The kept file is not what the ledger names.');
    expect(sentTo(wire, 'evidence_verify')).toHaveLength(3);
    await user.click(screen.getAllByTestId('evidence-save')[0]!);
    expect(await screen.findByText('load-test.jtl written')).toBeVisible();
    expect(sentTo(wire, 'evidence_save')[0]?.['request']).toMatchObject({ item: 'i009', seq: 12_409 });
    await expectAccessible();
  });

  it('that only a person decides is not confirmed without a word, unless a file is attached', async () => {
    const { user, wire } = mountApp(`${RUN}?state=open&kind=manual`);
    await user.click(await screen.findByText('End-to-end checkout flow tested'));
    await screen.findByTestId('act-confirm');
    await user.keyboard('x');
    await user.click(await screen.findByTestId('ask-submit'));
    expect(screen.getByTestId('ask')).toHaveTextContent(/your words are its evidence/);
    expect(sentTo(wire, 'item_confirm')).toEqual([]);
    await user.keyboard('{Escape}');
    await user.click(screen.getByTestId('item-attach'));
    await screen.findByTestId('evidence-verify');
    await user.keyboard('x');
    await user.click(await screen.findByTestId('ask-submit'));
    await waitFor(() => expect(sentTo(wire, 'item_confirm')).toHaveLength(1));
  });

  it('is given to somebody, and opened again with a reason', async () => {
    const { user, wire } = mountApp(`${RUN}?state=confirmed`);
    await user.click((await screen.findAllByTestId('item'))[0]!);
    await user.selectOptions(await screen.findByTestId('item-assign'), 'op_amal');
    expect(await screen.findByText('Waits for Amal Haddad')).toBeVisible();
    await user.click(screen.getByTestId('item-reopen'));
    await user.type(await screen.findByTestId('ask-text'), 'It was the old key');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(sentTo(wire, 'item_reopen')).toHaveLength(1));
  });
});
