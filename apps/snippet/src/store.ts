/** Where the page remembers: localStorage, a cookie where that is closed, and the page's own memory where both are. */

import type { StorageOfSite } from './window.js';

export interface Store {
  get(key: string): string | null;
  /** false: there is no room */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(): string[];
}

const PREFIX = 'tl.';

export function memoryStore(): Store {
  const held = new Map<string, string>();
  return {
    get: (key) => held.get(key) ?? null,
    set: (key, value) => {
      held.set(key, value);
      return true;
    },
    remove: (key) => {
      held.delete(key);
    },
    keys: () => [...held.keys()],
  };
}

/** Null where the browser keeps it closed. Nothing is written to find that out: that would be before anybody agreed. */
export function localStore(open: () => StorageOfSite): Store | null {
  try {
    const storage = open();
    return {
      get: (key) => storage.getItem(PREFIX + key),
      set: (key, value) => {
        try {
          storage.setItem(PREFIX + key, value);
          return true;
        } catch {
          return false;
        }
      },
      remove: (key) => {
        storage.removeItem(PREFIX + key);
      },
      keys: () =>
        Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
          .filter((key) => key.startsWith(PREFIX))
          .map((key) => key.slice(PREFIX.length)),
    };
  } catch {
    return null;
  }
}

const YEAR_S = 31_536_000;

interface Cookies {
  cookie: string;
}

/** Ids only: cookies travel with every request of the site, so that events have no place in them. */
export function cookieStore(page: Cookies): Store {
  const write = (key: string, value: string, maxAge: number): void => {
    page.cookie = `${PREFIX}${key}=${encodeURIComponent(value)};path=/;max-age=${maxAge};samesite=lax`;
  };
  const all = (): [string, string][] =>
    page.cookie
      .split('; ')
      .filter((one) => one.startsWith(PREFIX))
      .map((one) => {
        const at = one.indexOf('=');
        return [one.slice(PREFIX.length, at), decodeURIComponent(one.slice(at + 1))];
      });
  const get = (key: string): string | null => all().find(([name]) => name === key)?.[1] ?? null;
  return {
    get,
    set: (key, value) => {
      write(key, value, YEAR_S);
      return get(key) === value;
    },
    remove: (key) => {
      write(key, '', 0);
    },
    keys: () => all().map(([name]) => name),
  };
}
