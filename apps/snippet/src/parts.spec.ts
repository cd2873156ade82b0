import { describe, expect, it } from '@jest/globals';
import { doCall, doCalls } from './calls.js';
import { campaignOf, pageFacts } from './context.js';
import { Ids } from './ids.js';
import { optionsOf } from './options.js';
import { NOTHING_TOLD, toldIn } from './personalize.js';
import { cookieStore, localStore, memoryStore } from './store.js';

describe('the campaign', () => {
  it('is what the address says of it, campaign by the name name', () => {
    expect(
      campaignOf('?utm_source=news&utm_campaign=spring&utm_medium=email&x=1&utm_term='),
    ).toEqual({ source: 'news', name: 'spring', medium: 'email' });
  });

  it.each(['', '?', '?source=x', '?utm_=x', '?utm_<b>=x', '?UTM_SOURCE=x'])(
    'is none in %j',
    (search) => {
      expect(campaignOf(search)).toBeUndefined();
    },
  );

  it('is cut where it is too long', () => {
    expect(campaignOf(`?utm_source=${'x'.repeat(999)}`)?.['source']).toHaveLength(200);
  });
});

describe('the facts of a page', () => {
  it('leave out what stands behind #', () => {
    const href = 'https://shop.example/a?b=1#token=secret';
    const location = { href, pathname: '/a', search: '?b=1', origin: 'https://shop.example' };
    const document = {
      title: 'A',
      referrer: 'https://r.example/',
      cookie: '',
      currentScript: null,
    };
    expect(pageFacts({ location, document })).toEqual({
      path: '/a',
      url: 'https://shop.example/a?b=1',
      search: '?b=1',
      title: 'A',
      referrer: 'https://r.example/',
    });
  });
});

describe('ids', () => {
  const ids = (store = memoryStore()) => {
    let count = 0;
    return new Ids(store, () => `id-${(count += 1)}`);
  };

  it('are made without writing anything', () => {
    const store = memoryStore();
    expect(ids(store).anonymousId).toBe('id-1');
    expect(store.keys()).toEqual([]);
  });

  it('are the same on the next page once they are kept', () => {
    const store = memoryStore();
    const first = ids(store);
    first.userId = 'ada';
    first.keep();
    const next = ids(store);
    expect([next.anonymousId, next.userId]).toEqual(['id-1', 'ada']);
  });

  it('are new after a reset, and gone once they are forgotten', () => {
    const store = memoryStore();
    const here = ids(store);
    here.userId = 'ada';
    here.keep();
    here.reset();
    here.keep();
    expect([here.anonymousId, ids(store).anonymousId, ids(store).userId]).toEqual([
      'id-2',
      'id-2',
      null,
    ]);
    here.forget();
    expect(store.keys()).toEqual([]);
  });
});

describe('stores', () => {
  it('do not open where the browser keeps them closed', () => {
    const closed = (): never => {
      throw new TypeError('SecurityError');
    };
    expect(localStore(closed)).toBeNull();
  });

  it('see their own names only, and say when there is no room', () => {
    const held = new Map([['theirs', '1']]);
    const store = localStore(() => ({
      get length() {
        return held.size;
      },
      key: (index) => [...held.keys()][index] ?? null,
      getItem: (key) => held.get(key) ?? null,
      setItem: (key, value) => {
        if (value === 'too much') throw new TypeError('QuotaExceededError');
        held.set(key, value);
      },
      removeItem: (key) => held.delete(key),
    }));
    expect([store?.set('a', '1'), store?.set('b', 'too much')]).toEqual([true, false]);
    expect([store?.keys(), store?.get('a'), store?.get('theirs')]).toEqual([['a'], '1', null]);
    store?.remove('a');
    expect([...held.keys()]).toEqual(['theirs']);
  });

  it('fall back to cookies of the whole site for a year', () => {
    const jar = new Map([['other', 'x']]);
    const written: string[] = [];
    const store = cookieStore({
      get cookie() {
        return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      },
      set cookie(text: string) {
        written.push(text);
        const [, name = '', value = '', age = ''] =
          /^([^=]+)=([^;]*);.*max-age=(\d+)/.exec(text) ?? [];
        if (age === '0') jar.delete(name);
        else jar.set(name, value);
      },
    });
    expect(store.set('user', 'a;b=ü')).toBe(true);
    expect(store.get('user')).toBe('a;b=ü');
    expect(store.keys()).toEqual(['user']);
    expect(written[0]).toMatch(/^tl\.user=.*;path=\/;max-age=31536000;samesite=lax$/);
    store.remove('user');
    expect([...jar.keys()]).toEqual(['other']);
  });
});

describe('calls made before the script was there', () => {
  it('are done in their order, and what is no call is passed over', () => {
    const done: unknown[] = [];
    const methods = { track: (...args: readonly unknown[]) => done.push(args) };
    doCalls(methods, [['track', 'A', { n: 1 }], 'track', ['constructor'], ['none'], [], null]);
    doCalls(methods, { track: 1 });
    doCall(methods, ['track', 'B']);
    expect(done).toEqual([['A', { n: 1 }], ['B']]);
  });
});

describe('the script tag', () => {
  it('says whose events they are and where they go', () => {
    expect(optionsOf({ key: 'k', host: 'https://api.example/' }, 'https://shop.example')).toEqual({
      key: 'k',
      host: 'https://api.example',
      consent: 'required',
      mostQueued: 500,
    });
    expect(optionsOf({ key: 'k', consent: 'given', queue: '9' }, 'https://shop.example')).toEqual({
      key: 'k',
      host: 'https://shop.example',
      consent: 'given',
      mostQueued: 9,
    });
  });

  it.each([{}, { key: '' }])('without a key starts nothing: %j', (attributes) => {
    expect(optionsOf(attributes, 'https://shop.example')).toBeNull();
  });

  it.each(['x', '-1', '0', '1.5'])('with a queue of %j has the usual one', (queue) => {
    expect(optionsOf({ key: 'k', queue }, '')?.mostQueued).toBe(500);
  });
});

describe('what is told', () => {
  it('has every part, whatever came', () => {
    expect(toldIn({ personalised: true, traits: { plan: 'pro' } })).toEqual({
      ...NOTHING_TOLD,
      personalised: true,
      traits: { plan: 'pro' },
    });
    expect([toldIn(null), toldIn('x')]).toEqual([NOTHING_TOLD, NOTHING_TOLD]);
  });
});
