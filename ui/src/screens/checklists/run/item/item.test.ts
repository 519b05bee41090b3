/** One item as people use it, over the invented company. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { templatePage } from '../../../../fixtures/asks/checklists';
import { expectAccessible, mountApp } from '../../../../fixtures/mount';
import { made } from '../../../../fixtures/world/checklist';
import { KIND_NAMES } from '../../model';
import { grouped, MANIFEST_CHECK, MANIFEST_LINES } from './model';

const RUN = '/checklists/runs/run_2140';
const sentTo = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args);

const drag = (wire: ReturnType<typeof mountApp>['wire'], handle: string | null, others = 0) =>
  wire.emit('drag', {
    isOver: handle === null,
    file: handle === null ? null : { handle, name: 'x' },
    others,
  });

it.each([
  ['41234567', '41,234,567'],
  ['0', '0'],
  ['120 of 300', '120 of 300'],
  ['99999999999999999999', '99999999999999999999'],
])('the figure %j is shown as %j', (text, shown) => expect(grouped(text)).toBe(shown));

it('the lines for a manifest hash with shasum where there is no sha256sum', () => {
  const tools = 'sha256sum() { return 127; }; shasum() { cat > /dev/null; echo 0123456789abcdef0; }';
  const env = { ...process.env, STRIPE_SECRET_KEY: 'x', STRIPE_WEBHOOK_SECRET: '', DATABASE_URL: '' };
  const said = execFileSync('sh', ['-c', `${tools}\n${MANIFEST_LINES}`], { encoding: 'utf8', env });
  expect(JSON.parse(said)).toMatchObject({
    names: { STRIPE_SECRET_KEY: 'set:0123456789abcdef', STRIPE_WEBHOOK_SECRET: 'unset' },
  });
});

describe('an item', () => {
  it.each(Object.keys(KIND_NAMES))('of kind %s says what helps, and who may confirm it', async (kind) => {
    const row = templatePage('devflowhub-rollout').rows.find((one) => one.kind === kind)!;
    mountApp(`${RUN}?item=${row.id}`);
    const place = kind === 'command' ? 'command-danger' : 'item-help';
    expect(await screen.findByTestId(place)).toHaveTextContent(row.help);
    expect(screen.getByTestId('item-confirm')).toHaveTextContent(/^Who may confirm it: \w.*\.$/);
  });

  it('that asks for the variables of an environment has the lines that list them', async () => {
    const { item } = made[0]!;
    const { probe } = item;
    item.probe = MANIFEST_CHECK;
    const { user } = mountApp(`${RUN}?item=${item.id}`);
    const lines = await screen.findByTestId('manifest-lines');
    item.probe = probe;
    await user.click(screen.getByText('How to make the list of names'));
    expect(lines.querySelector('pre')!.textContent).toBe(MANIFEST_LINES);
    await user.click(within(lines).getByTestId('copy-code'));
    expect(await screen.findByText('Lines copied')).toBeVisible();
    const readme = readFileSync('../README.md', 'utf8');
    expect(readme).toContain(MANIFEST_LINES);
  });

  it('that names a role is confirmed by whoever holds it', async () => {
    const row = templatePage('devflowhub-rollout').rows.find((one) => one.confirm.length > 0)!;
    mountApp(`${RUN}?item=${row.id}`);
    expect(await screen.findByTestId('item-confirm')).toHaveTextContent('Finance manager');
  });

  it('shows a chosen file before it is kept, and keeps it for the release a person confirms', async () => {
    const { user, wire } = mountApp(`${RUN}?item=i007`, 'file=file-lint');
    await user.click(await screen.findByTestId('item-attach'));
    expect(await screen.findByTestId('attach-kind')).toHaveTextContent('ESLint report');
    const dialog = screen.getByTestId('attach-dialog');
    expect(dialog).toHaveTextContent(/48,213 bytes.*Errors ?0.*Warnings ?12.*0f4c77aa91d2be10/s);
    expect(dialog).toHaveTextContent('The file names neither a commit nor a release.');
    expect(sentTo(wire, 'item_attach')).toEqual([]);
    const release = screen.getByTestId('attach-release');
    expect(release).toHaveValue('v2.14.0');
    await user.clear(release);
    await user.click(screen.getByTestId('attach-submit'));
    expect(sentTo(wire, 'item_attach')).toEqual([]);
    await user.type(release, 'v3');
    await user.type(screen.getByTestId('attach-note'), 'CI');
    await user.click(screen.getByTestId('attach-submit'));
    await waitFor(() =>
      expect(sentTo(wire, 'item_attach')[0]?.['request']).toMatchObject({
        item: 'i007',
        file: 'file-lint',
        release: 'v3',
        note: 'CI',
        sha256: '0f4c77aa91d2be10c6f1a3f09c1d55e7720c4416ab9c41e07b5ad251b0f3d9ce',
      }),
    );
    expect(await screen.findByText(/eslint-report.json attached/)).toBeVisible();
    await waitFor(() => expect(screen.queryByTestId('attach-dialog')).toBeNull());
    const about = (await screen.findAllByTestId('file-about'))[0];
    expect(about).toHaveTextContent(/ESLint report: .*0 errors.*Release v3, as Dana Reyes says/);
    expect(about).toHaveTextContent(/Counts until/);
  });
  it('that sums up a load test is kept with the load that was meant', async () => {
    const { user, wire } = mountApp(`${RUN}?item=i007`, 'file=file-load');
    await user.click(await screen.findByTestId('item-attach'));
    await user.type(await screen.findByTestId('attach-users'), '2OO');
    expect(await screen.findByText('A whole number above 0, or nothing.')).toBeVisible();
    await user.click(screen.getByTestId('attach-submit'));
    expect(wire.calls.filter(({ command }) => command === 'item_attach')).toEqual([]);
    await user.clear(screen.getByTestId('attach-users'));
    await user.type(screen.getByTestId('attach-users'), '200');
    await user.click(screen.getByTestId('attach-submit'));
    await waitFor(() =>
      expect(wire.calls.find(({ command }) => command === 'item_attach')?.args['request']).toMatchObject({
        meant: { users: '200', per_second: '' },
      }),
    );
  });

  it('writes nothing when the person leaves', async () => {
    const { user, wire } = mountApp(`${RUN}?item=i007`);
    await user.click(await screen.findByTestId('item-attach'));
    await screen.findByTestId('attach-kind');
    await expectAccessible(screen.getByTestId('attach-dialog'));
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByTestId('attach-dialog')).toBeNull());
    expect(sentTo(wire, 'item_attach')).toEqual([]);
  });

  it('takes a file that is let go over the window, and says so while it is over', async () => {
    const { wire } = mountApp(`${RUN}?item=i007`);
    await screen.findByTestId('item-attach');
    drag(wire, null);
    expect(await screen.findByTestId('item-drop')).toHaveTextContent(/Drop the file to attach it to “/);
    drag(wire, 'file-old', 2);
    await waitFor(() => expect(screen.queryByTestId('item-drop')).toBeNull());
    expect(await screen.findByTestId('attach-kind')).toHaveTextContent('Backup log');
    expect(screen.getByText('One file at a time: x is shown')).toBeVisible();
    // It names its release, so nobody is asked, and the person reads that it will not count.
    expect(screen.queryByTestId('attach-release')).toBeNull();
    expect(screen.getAllByTestId('attach-remark')).toHaveLength(2);
    expect(sentTo(wire, 'evidence_preview')[0]?.['request']).toMatchObject({
      item: 'i007',
      file: 'file-old',
    });
  });

  it('refuses what cannot be read or changed meanwhile, and the note stays', async () => {
    const { user, wire } = mountApp(`${RUN}?item=i007`);
    await screen.findByTestId('item-attach');
    drag(wire, 'file-empty');
    const dialog = await screen.findByTestId('attach-dialog');
    await waitFor(() => expect(dialog).toHaveTextContent('The file is empty.'));
    await user.type(screen.getByTestId('attach-note'), 'Looked at by hand');
    await user.click(screen.getByTestId('attach-submit'));
    expect(sentTo(wire, 'item_attach')).toEqual([]);
    drag(wire, 'file-damaged');
    await screen.findByTestId('attach-kind');
    await user.click(screen.getByTestId('attach-submit'));
    await waitFor(() => expect(dialog).toHaveTextContent('The file changed since it was shown'));
    expect(screen.getByTestId('attach-note')).toHaveValue('Looked at by hand');
    await user.click(screen.getByTestId('attach-another'));
    await screen.findByText('release.md');
    expect(dialog).not.toHaveTextContent('The file changed since it was shown');
    expect(screen.getByTestId('attach-note')).toHaveValue('Looked at by hand');
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
    await screen.findByTestId('attach-kind');
    await user.click(screen.getByTestId('attach-submit'));
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
