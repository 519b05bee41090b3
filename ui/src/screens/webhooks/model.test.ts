import { describe, expect, it } from 'vitest';
import { webhooks } from '../../fixtures/asks/events';
import { causeRoute, daysOf, lagText, selection, stepRoute, tabOf } from './model';

const view = webhooks({ environment: 'demo', days: 7, width: 760 });
const get = (query: string) => (name: string) => new URLSearchParams(query).get(name) ?? '';

describe('the route', () => {
  it.each([
    ['', 'delivery'],
    ['tab=events', 'events'],
    ['row=missing', 'events'],
    ['days=30', 'delivery'],
  ])('%j shows %s', (query, tab) => {
    expect(tabOf(get(query))).toBe(tab);
  });

  it.each([
    ['30', 30],
    ['', 7],
    ['31', 7],
    ['-1', 7],
  ])('%j asks for %d days', (text, days) => {
    expect(daysOf(text)).toBe(days);
  });
});

it('leads from steps and causes to their events', () => {
  expect(stepRoute('created', 7)).toBe('/webhooks?tab=events&days=7');
  expect(stepRoute('row_found', 30)).toBe('/webhooks?tab=events&days=30&row=found');
  expect(causeRoute(view.causes[0]!, 7)).toBe(
    '/webhooks?tab=events&days=7&row=missing&kind=checkout.session.completed',
  );
  expect(causeRoute({ ...view.causes[0]!, filter: '' }, 7)).toBe('/webhooks?tab=events&days=7');
});

it('says what an endpoint listens to', () => {
  expect(view.endpoints.map(selection)).toEqual([
    '7 event types selected, 2 expected ones are missing, 1 nobody expects.',
    'Every event type is selected.',
  ]);
});

it('tells a lag only when there is one', () => {
  expect(lagText({ lag_s: null } as never)).toBe('');
  expect(lagText({ lag_s: 95 } as never)).toBe('1 min 35 s');
});
