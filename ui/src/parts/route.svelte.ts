/**
 * Where the person is: the part of the address after `#`, as path and query. Selection and filters live in the query,
 * so Back returns to the list as it was. Routes are plain text because the program names them too.
 * A router of our own, because those at hand keep the query outside the hash and guess types for its values.
 */
import { SvelteURLSearchParams } from 'svelte/reactivity';

export type Params = Record<string, string>;

const DEFAULT = '/overview';

/** Takes a route apart: `/customers?status=active` has a path and a query. */
export function split(route: string): { path: string; query: string } {
  const [path = '', query = ''] = route.split(/\?(.*)/s);
  return { path: path.replace(/\/+$/, '') || '/', query };
}

/** Matches a path against a pattern such as `/customers/:id`; `null` when it is another place. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Params = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) {
      if (value === '') return null;
      params[part.slice(1)] = decode(value);
    } else if (part !== value) {
      return null;
    }
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Writes a route: `to('/customers', { status: 'active' })`. Empty values are left out. */
export function to(
  path: string,
  query: Record<string, string | number | boolean | null | undefined> = {},
): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== false)
    .map(
      ([key, value]) =>
        `${key}=${encodeURIComponent(value === true ? '1' : String(value)).replace(/%20/g, '+')}`,
    );
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}

/** A path with one id in it. */
export const at = (base: string, id: string | number): string => `${base}/${encodeURIComponent(id)}`;

class Route {
  path = $state(DEFAULT);
  query = new SvelteURLSearchParams();
  /** Grows with every step forwards; tells Back from leaving the program. */
  #depth = 0;

  constructor() {
    this.#read();
    addEventListener('popstate', () => this.#read());
    addEventListener('hashchange', () => this.#read());
  }

  /** The whole route as text. */
  get text(): string {
    const query = this.query.toString();
    return query === '' ? this.path : `${this.path}?${query}`;
  }

  /** Reads one value of the query; absent is empty. */
  get(name: string): string {
    return this.query.get(name) ?? '';
  }

  #read(): void {
    const { path, query } = split(location.hash.replace(/^#/, '') || DEFAULT);
    this.path = path === '/' ? DEFAULT : path;
    this.#take(new URLSearchParams(query));
  }

  #take(query: URLSearchParams): void {
    for (const name of [...this.query.keys()]) if (!query.has(name)) this.query.delete(name);
    for (const [name, value] of query) if (this.query.get(name) !== value) this.query.set(name, value);
  }

  /** Goes to a route. With `replace` the present place is not kept for Back. */
  go(route: string, { replace = false } = {}): void {
    if (route === this.text) return;
    if (replace) history.replaceState(history.state, '', `#${route}`);
    else {
      history.pushState({ depth: (this.#depth += 1) }, '', `#${route}`);
    }
    this.#read();
  }

  /** Changes values of the query; empty ones vanish. Filters replace, so that Back leaves the list at once. */
  set(values: Record<string, string | number | boolean | null | undefined>): void {
    const now = Object.fromEntries(this.query);
    this.go(to(this.path, { ...now, ...values }), { replace: true });
  }

  /** Goes to another path with the query as it is: what is open beside a list changes, the list stays. */
  open(path: string): void {
    this.go(to(path, Object.fromEntries(this.query)));
  }

  /** Goes back, or to `otherwise` when the program was opened here. */
  back(otherwise: string): void {
    if ((history.state as { depth?: number } | null)?.depth) history.back();
    else this.go(otherwise, { replace: true });
  }
}

export const route = new Route();
export const go = (to: string, options?: { replace?: boolean }): void => route.go(to, options);
