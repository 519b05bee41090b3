/** What the palette offers: places, actions, environments. Pure: what an action does is named, not done here. */
import type { Frame } from '../contract/Frame';
import type { Pick } from '../parts/pick';
import { to } from '../parts/route.svelte';
import { visible } from '../parts/text';
import type { Screen } from '../screens/screen';

/** What picking a command does. */
export type Deed =
  | { do: 'go'; route: string }
  | { do: 'sync'; isFull: boolean }
  | { do: 'theme'; theme: Frame['preferences']['theme'] }
  | { do: 'density'; density: Frame['preferences']['density'] }
  | { do: 'environment'; id: string }
  | { do: 'operator'; id: string }
  | { do: 'shortcuts' }
  | { do: 'jobs' };

export type Command = Pick & { deed: Deed };

/** Which part of the palette a first character asks for. */
export function scopeOf(text: string): { scope: 'all' | 'actions' | 'customers' | 'items'; text: string } {
  const scopes = { '>': 'actions', '@': 'customers', '#': 'items' } as const;
  const scope = scopes[text.trimStart().charAt(0) as keyof typeof scopes];
  return scope ? { scope, text: text.trimStart().slice(1).trim() } : { scope: 'all', text: text.trim() };
}

export function environmentPicks(frame: Frame): Command[] {
  return frame.environments.map((one) => ({
    id: `environment ${one.id}`,
    group: 'Environments',
    label: one.id,
    detail: one.banner.text,
    words: ['switch', one.banner.kind],
    isCurrent: one.id === frame.environment,
    deed: { do: 'environment', id: one.id },
  }));
}

const operatorPicks = (frame: Frame): Command[] =>
  frame.operators.map((one) => ({
    id: `operator ${one.id}`,
    group: 'Operators',
    label: `Work as ${visible(one.name)}`,
    words: ['operator', 'person'],
    isCurrent: one.id === frame.operator,
    deed: { do: 'operator', id: one.id },
  }));

export function commandsOf(frame: Frame, screens: readonly Screen[], recent: readonly string[]): Command[] {
  const none = frame.environment === null ? 'There is no environment yet' : undefined;
  const place = (screen: Screen): Command => ({
    id: `go ${screen.word}`,
    group: 'Go to',
    label: screen.title,
    icon: screen.icon,
    keys: `g ${screen.key}`,
    deed: { do: 'go', route: `/${screen.word}` },
  });
  const action = (label: string, deed: Deed, more: Partial<Command> = {}): Command => ({
    id: label,
    group: 'Actions',
    label,
    deed,
    ...more,
  });
  const shown = screens.filter((screen) => !screen.isBare);
  return [
    ...recent
      .slice(1)
      .flatMap((word) => shown.filter((screen) => screen.word === word))
      .map((screen) => ({
        ...place(screen),
        id: `recent ${screen.word}`,
        group: 'Recent',
      })),
    ...shown.filter((screen) => !recent.slice(1).includes(screen.word)).map(place),
    action(
      'Sync now',
      { do: 'sync', isFull: false },
      { detail: 'Read what changed', refused: none, words: ['refresh'] },
    ),
    action('Full resync', { do: 'sync', isFull: true }, { detail: 'Read everything again', refused: none }),
    action('New run', { do: 'go', route: '/checklists/new' }, { detail: 'Start a checklist', refused: none }),
    action(
      'Import a checklist',
      { do: 'go', route: '/checklists/import' },
      { words: ['markdown', 'template'] },
    ),
    action(
      'Open a request to sign',
      { do: 'go', route: '/checklists/requests' },
      { detail: 'From another computer, by file', words: ['signature', 'file'] },
    ),
    action(
      'Verify the ledger',
      { do: 'go', route: to('/audit', { verify: true }) },
      { words: ['audit', 'chain'] },
    ),
    ...(
      [
        ['customers', 'The whole list, as CSV', to('/customers', { export: true })],
        ['subscriptions', 'The whole list, as CSV', to('/subscriptions', { export: true })],
        ['invoices', 'The whole list, as CSV', to('/invoices', { export: true })],
        ['events', 'Those of the last 7 days, as CSV', to('/webhooks', { tab: 'events', export: true })],
      ] as const
    ).map(([list, detail, route]) =>
      action(`Export ${list}`, { do: 'go', route }, { detail, refused: none, words: ['save', 'file'] }),
    ),
    action(
      'Export the ledger',
      { do: 'go', route: to('/audit', { export: true }) },
      { detail: 'For anybody to verify', words: ['audit', 'bundle', 'file'] },
    ),
    action(
      'Take a checkpoint',
      { do: 'go', route: to('/audit', { checkpoint: true }) },
      { detail: 'The signed head, to keep elsewhere', words: ['audit', 'ledger', 'receipt'] },
    ),
    action('Add an environment', { do: 'go', route: '/setup/environment' }),
    action('Add an operator', { do: 'go', route: '/setup/operator' }),
    action('Show jobs', { do: 'jobs' }, { keys: '$mod+J' }),
    action('Show shortcuts', { do: 'shortcuts' }, { keys: '(\\?)', words: ['help', 'keys'] }),
    ...(['light', 'dark', 'contrast', 'system'] as const).map((theme) =>
      action(
        `Theme: ${theme === 'contrast' ? 'high contrast' : theme}`,
        { do: 'theme', theme },
        {
          isCurrent: frame.preferences.theme === theme,
          words: ['appearance', 'colours'],
        },
      ),
    ),
    ...(['comfortable', 'compact'] as const).map((density) =>
      action(
        `Rows: ${density}`,
        { do: 'density', density },
        {
          isCurrent: frame.preferences.density === density,
          words: ['appearance', 'density'],
        },
      ),
    ),
    ...operatorPicks(frame),
    ...environmentPicks(frame),
  ];
}
