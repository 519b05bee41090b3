/**
 * Every status word the answers use, with the word people read, its tone and its icon. Never colour alone.
 * A word nobody knows is shown as it came, in the tone of the unknown.
 */
import Ban from '@lucide/svelte/icons/ban';
import Check from '@lucide/svelte/icons/circle-check';
import Cross from '@lucide/svelte/icons/circle-x';
import Dashed from '@lucide/svelte/icons/circle-dashed';
import Dot from '@lucide/svelte/icons/circle-dot';
import Help from '@lucide/svelte/icons/circle-question-mark';
import Clock from '@lucide/svelte/icons/clock';
import Copy from '@lucide/svelte/icons/copy';
import Eye from '@lucide/svelte/icons/eye';
import History from '@lucide/svelte/icons/history';
import Info from '@lucide/svelte/icons/info';
import Hold from '@lucide/svelte/icons/octagon-pause';
import Late from '@lucide/svelte/icons/calendar-check';
import Lock from '@lucide/svelte/icons/lock';
import Missed from '@lucide/svelte/icons/calendar-x';
import Minus from '@lucide/svelte/icons/circle-minus';
import OpenDoor from '@lucide/svelte/icons/door-open';
import Octagon from '@lucide/svelte/icons/octagon-alert';
import Pause from '@lucide/svelte/icons/circle-pause';
import Pen from '@lucide/svelte/icons/pen-line';
import Reading from '@lucide/svelte/icons/loader-circle';
import Shield from '@lucide/svelte/icons/shield-check';
import Siren from '@lucide/svelte/icons/siren';
import Triangle from '@lucide/svelte/icons/triangle-alert';
import Undo from '@lucide/svelte/icons/undo-2';
import Unlink from '@lucide/svelte/icons/unlink';
import User from '@lucide/svelte/icons/user-check';
import type { Component } from 'svelte';

export type Tone = 'ok' | 'info' | 'warn' | 'fail' | 'unknown' | 'quiet';
export type Status = { label: string; tone: Tone; icon: Component };

const status = (label: string, tone: Tone, icon: Component<Record<string, never>>): Status => ({
  label,
  tone,
  icon: icon as unknown as Component,
});

const WORDS = {
  subscription: {
    active: status('Active', 'ok', Check),
    trialing: status('Trial', 'info', Clock),
    past_due: status('Past due', 'warn', Triangle),
    unpaid: status('Unpaid', 'fail', Cross),
    incomplete: status('Incomplete', 'warn', Dashed),
    incomplete_expired: status('Expired', 'quiet', Minus),
    paused: status('Paused', 'unknown', Pause),
    canceled: status('Canceled', 'quiet', Minus),
    none: status('None', 'quiet', Minus),
  },
  invoice: {
    draft: status('Draft', 'quiet', Dashed),
    open: status('Open', 'info', Dot),
    overdue: status('Overdue', 'warn', Triangle),
    paid: status('Paid', 'ok', Check),
    void: status('Void', 'quiet', Ban),
    uncollectible: status('Uncollectible', 'fail', Cross),
  },
  payment: {
    succeeded: status('Succeeded', 'ok', Check),
    failed: status('Failed', 'fail', Cross),
    pending: status('Pending', 'info', Clock),
  },
  verdict: {
    equal: status('Equal', 'ok', Check),
    differs: status('Differs', 'fail', Cross),
    missing: status('Missing', 'fail', Unlink),
    not_expected: status('Not expected', 'quiet', Minus),
    not_compared: status('Not compared', 'unknown', Help),
    not_connected: status('Not connected', 'unknown', Unlink),
    other_provider: status('Other provider', 'quiet', Minus),
  },
  delivery: {
    delivered: status('Delivered', 'ok', Check),
    pending: status('Undelivered', 'warn', Triangle),
    not_subscribed: status('Not subscribed', 'unknown', Unlink),
    too_young: status('On its way', 'info', Clock),
  },
  row: {
    found: status('Found', 'ok', Check),
    missing: status('Missing', 'fail', Unlink),
    duplicate: status('Duplicate', 'warn', Copy),
    awaited: status('Awaited', 'info', Clock),
    not_expected: status('Not expected', 'quiet', Minus),
    not_connected: status('Not connected', 'unknown', Unlink),
  },
  item: {
    open: status('Open', 'quiet', Dashed),
    running: status('Running', 'info', Reading),
    verified: status('Verified', 'ok', Check),
    needs_confirmation: status('To confirm', 'info', User),
    failed: status('Failed', 'fail', Cross),
    warning: status('Warning', 'warn', Triangle),
    unknown: status('Unknown', 'unknown', Help),
    confirmed: status('Confirmed', 'ok', User),
    waived: status('Waived', 'warn', Shield),
    not_applicable: status('Not applicable', 'quiet', Minus),
    blocked: status('Blocked', 'unknown', Lock),
    stale: status('Stale', 'warn', History),
    reopened: status('Reopened', 'warn', History),
    armed: status('Armed', 'quiet', Dot),
    tripped: status('Tripped', 'fail', Siren),
  },
  evidence: {
    looking: status('Verifying', 'info', Reading),
    same: status('Verified', 'ok', Check),
    missing: status('Missing', 'fail', Unlink),
    changed: status('Changed', 'fail', Cross),
  },
  change: {
    added: status('Added', 'ok', Check),
    removed: status('Removed', 'fail', Cross),
    rule_changed: status('Changed', 'warn', Pen),
    moved: status('Elsewhere', 'quiet', History),
  },
  outcome: {
    pass: status('Pass', 'ok', Check),
    warn: status('Warning', 'warn', Triangle),
    fail: status('Fail', 'fail', Cross),
    unknown: status('Unknown', 'unknown', Help),
  },
  signature: {
    open: status('To sign', 'info', Pen),
    waiting: status('Waits', 'quiet', Clock),
    signed: status('Signed', 'ok', Check),
    rejected: status('Rejected', 'fail', Cross),
    outdated: status('Sign again', 'warn', History),
    void: status('Does not count', 'fail', Cross),
  },
  gate: {
    open: status('Open', 'ok', Check),
    hold: status('Hold', 'warn', Hold),
    rollback_advised: status('Rollback advised', 'fail', Siren),
    passed: status('Passed', 'ok', OpenDoor),
    overridden: status('Overridden', 'fail', Octagon),
  },
  condition: {
    holds: status('Holds', 'ok', Check),
    fails: status('Does not hold', 'warn', Cross),
    trips: status('Tripped', 'fail', Siren),
  },
  limit: {
    met: status('Kept', 'ok', Check),
    missed: status('Not kept', 'fail', Cross),
    too_few: status('Too few cases', 'unknown', Help),
    no_value: status('No value', 'unknown', Dashed),
  },
  indicator: {
    not_measured: status('Not measured', 'unknown', Dashed),
    armed: status('Armed', 'quiet', Dot),
    watch: status('Watch', 'warn', Eye),
    proposed: status('Decide', 'warn', Siren),
    tripped: status('Tripped', 'fail', Siren),
    acknowledged: status('Tripped, known', 'fail', User),
    cleared: status('Cleared', 'ok', Check),
  },
  procedure: {
    ready: status('Ready', 'quiet', Dashed),
    under_way: status('Under way', 'fail', Undo),
    ended: status('Ended', 'ok', Check),
  },
  due: {
    missed: status('Missed', 'fail', Missed),
    due: status('Due', 'info', Dot),
    upcoming: status('Upcoming', 'quiet', Clock),
    done: status('Done', 'ok', Check),
    done_late: status('Done late', 'ok', Late),
    skipped: status('Left out', 'unknown', Minus),
  },
  contact: {
    complete: status('Complete', 'ok', Check),
    listed: status('From the list', 'quiet', Info),
    optional: status('Not filled in', 'quiet', Dashed),
    incomplete: status('Incomplete', 'warn', Triangle),
    missing: status('Missing', 'fail', Cross),
  },
  permission: {
    granted: status('Granted', 'ok', Check),
    denied: status('Not granted', 'fail', Cross),
    unknown: status('Not known', 'unknown', Help),
  },
  endpoint: {
    enabled: status('Enabled', 'ok', Check),
    disabled: status('Disabled', 'fail', Pause),
  },
  role: {
    deny: status('Too powerful', 'fail', Cross),
    write: status('Can write', 'warn', Triangle),
    note: status('Note', 'info', Info),
  },
  severity: {
    critical: status('Critical', 'fail', Octagon),
    error: status('Error', 'fail', Cross),
    warning: status('Warning', 'warn', Triangle),
    notice: status('Notice', 'info', Info),
  },
  connection: {
    ok: status('Up to date', 'ok', Check),
    stale: status('Stale', 'warn', History),
    failing: status('Failing', 'fail', Cross),
    reading: status('Reading', 'info', Reading),
    none: status('Not connected', 'unknown', Unlink),
  },
  job: {
    running: status('Running', 'info', Reading),
    stopping: status('Stopping', 'info', Reading),
    done: status('Done', 'ok', Check),
    cancelled: status('Cancelled', 'quiet', Minus),
    failed: status('Failed', 'fail', Cross),
  },
  tone: {
    ok: status('Good', 'ok', Check),
    info: status('For information', 'info', Dot),
    warn: status('Look here', 'warn', Triangle),
    fail: status('Failed', 'fail', Cross),
    unknown: status('Not known', 'unknown', Help),
  },
} satisfies Record<string, Record<string, Status>>;

/** What a status word belongs to; the same word may mean different things. */
export type StatusKind = keyof typeof WORDS;

/** Gives a word its label, tone and icon. */
export function statusOf(kind: StatusKind, word: string): Status {
  const known = (WORDS[kind] as Record<string, Status>)[word];
  return known ?? status(word === '' ? 'Unknown' : plain(word), 'unknown', Help);
}

/** The words of a kind in their order, to filter by. */
export const wordsOf = (kind: StatusKind): string[] => Object.keys(WORDS[kind]);

/** A word of the wire as people read it: `past_due` is `Past due`. */
export function plain(word: string): string {
  const text = word.replace(/[_-]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
