import { describe, expect, it } from 'vitest';
import { frameOf } from '../../fixtures/asks/frame';
import { environmentOf } from '../../fixtures/asks/settings';
import {
  doneSteps,
  emailFault,
  environmentFault,
  keyClass,
  modeFault,
  placeFaults,
  placeOf,
  stepAfter,
  stepOf,
  strength,
  type PlaceDraft,
} from './model';

const frame = frameOf('ready', new URLSearchParams());
const [, production, staging] = frame.environments.map(environmentOf);

describe('steps', () => {
  it('follow one another and end', () => {
    expect([stepOf('stripe'), stepOf('nonsense')]).toEqual(['stripe', 'welcome']);
    expect([stepAfter('stripe'), stepAfter('sync')]).toEqual(['permissions', null]);
  });

  it('are done when what they make is there', () => {
    expect([...doneSteps(frameOf('first', new URLSearchParams()), undefined)]).toEqual(['welcome']);
    const done = doneSteps(frame, production);
    expect(done.has('stripe')).toBe(true);
    expect(done.has('permissions')).toBe(false);
    expect(done.has('sync')).toBe(true);
  });
});

describe('a pasted key', () => {
  it.each([
    ['rk_live_abc', 'restricted', 'live'],
    ['  "rk_test_abc"\n', 'restricted', 'test'],
    ['sk_test_abc', 'full', 'test'],
    ['sk_live_abc', 'full', 'live'],
    ['pk_live_abc', 'refused', 'live'],
    ['whsec_abc', 'refused', null],
    ['hello', 'unknown', null],
    ['', 'empty', null],
  ])('%j is %s, %s', (pasted, word, mode) => {
    expect(keyClass(pasted)).toMatchObject({ word, mode });
  });

  it('is told in words that do not repeat it', () => {
    expect(JSON.stringify(keyClass('sk_live_4242SECRET'))).not.toContain('4242SECRET');
  });

  it('must fit the class of its environment', () => {
    expect(modeFault('test', production)).toMatch(/production/);
    expect(modeFault('live', staging)).toMatch(/staging/);
    expect(modeFault('live', production)).toBeNull();
    expect(modeFault(null, production)).toBeNull();
  });
});

it.each([
  ['', 'empty'],
  ['short', 'short'],
  ['aaaaaaaaaaaaaaaaaaaaaaaa', 'weak'],
  ['correct horse', 'fair'],
  ['correct horse battery staple', 'good'],
])('passphrase %j is %s', (passphrase, word) => {
  expect(strength(passphrase).word).toBe(word);
});

it('refuses names and addresses that will not do', () => {
  expect(environmentFault('production', ['production'])).toMatch(/already/);
  expect(environmentFault('a b', [])).not.toBeNull();
  expect(environmentFault('eu-1.prod', [])).toBeNull();
  expect([emailFault('dana'), emailFault('dana@example.com')]).toEqual([expect.any(String), null]);
});

describe('a database', () => {
  const draft: PlaceDraft = {
    kind: 'server',
    host: 'db.internal',
    port: '5432',
    socket: '',
    user: 'reader',
    database: 'billing',
    ca_file: '',
    file: '',
    schema: '',
  };
  it('is asked for by server, socket or file', () => {
    expect(placeOf(draft)).toMatchObject({ kind: 'postgres', host: 'db.internal', port: '5432', socket: '' });
    expect(placeOf({ ...draft, kind: 'socket', socket: '/run/pg', port: '' })).toMatchObject({
      host: '',
      port: '',
      socket: '/run/pg',
    });
    expect(placeOf({ ...draft, kind: 'file', file: ' /a.sqlite ' })).toEqual({
      kind: 'sqlite',
      file: '/a.sqlite',
    });
  });

  it.each([
    [{}, []],
    [{ host: 'postgres://u:p@db' }, ['host']],
    [{ port: '99999' }, ['port']],
    [{ host: '', user: '', database: '' }, ['host', 'user', 'database']],
    [{ kind: 'socket' as const }, ['socket']],
    [{ kind: 'file' as const }, ['file']],
  ])('with %j lacks %j', (change, fields) => {
    expect(Object.keys(placeFaults({ ...draft, ...change }))).toEqual(fields);
  });
});
