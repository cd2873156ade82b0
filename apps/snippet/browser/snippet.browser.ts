/** The script in a real browser, on a page of one origin, with the real API on another. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Browser } from 'playwright-core';
import { eventually } from '../../../test/support/eventually.js';
import { drainWith } from '../../../store/src/ingestion/testing/lane-kit.js';
import { openBench, type Bench } from '../../api/src/testing/bench.js';
import { createKey } from '@throughline/store/workspaces';
import { openPool } from '@throughline/store/shared';
import { openBrowser, Site, Visitor } from './site.js';

describe('the script on a page', () => {
  let bench: Bench;
  let site: Site;
  let browser: Browser;
  let visitor: Visitor;
  let key: string;

  beforeAll(async () => {
    bench = await openBench();
    site = await Site.open();
    browser = await openBrowser();
    const app = openPool({ url: bench.config.databaseUrl, role: 'tl_app', max: 1 });
    const scopes = ['ingest', 'personalise'] as const;
    const wanted = { name: 'site', scopes, sourceKey: 'web' };
    key = (await createKey(app, bench.shop.id, wanted)).key;
    await app.end();
    const body = { origins: [site.origin], traits: ['plan'] };
    await bench.call(bench.shop.all, 'PUT', '/api/v1/sources/web/personalisation', { body });
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
    await bench.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, bench.url);
  });
  afterEach(() => visitor.context.close());

  const attributes = (more: Readonly<Record<string, string>> = {}) => ({
    key,
    host: bench.url,
    ...more,
  });

  /** What the lane has made of what was sent. */
  async function events(
    name: string,
  ): Promise<{ body: Record<string, Record<string, unknown>> }[]> {
    const client = new pg.Client({
      connectionString: bench.config.databaseUrl,
      options: '-c role=tl_lane',
    });
    await client.connect();
    try {
      await drainWith(client, { workspaceId: bench.shop.id });
    } finally {
      await client.end();
    }
    const { rows } = await bench.sql.query<{ body: Record<string, Record<string, unknown>> }>(
      'select body from event where name = $1 order by position, ordinal',
      [name],
    );
    return rows;
  }

  const arrived = (name: string, count: number): Promise<void> =>
    eventually(
      async () => {
        expect(await events(name)).toHaveLength(count);
      },
      { deadlineMs: 20_000 },
    );

  it('stores nothing and sends nothing before a yes, and then sends what had happened', async () => {
    await visitor.page.goto(site.page('/', attributes(), `['track','Asked',{n:1}]`));
    await visitor.call('page');
    await visitor.call('track', 'Asked', { n: 2 });
    await visitor.call('identify', 'gated', { plan: 'pro' });
    expect(await visitor.call('personalize')).toMatchObject({ personalised: false });
    await visitor.call('flush');
    await visitor.page.goto(site.page('/two', attributes()));
    await visitor.call('track', 'Asked', { n: 3 });
    await visitor.call('flush');
    expect(visitor.requests).toEqual([]);
    expect(await visitor.stored()).toEqual([]);
    await visitor.call('consent', true);
    await arrived('Asked', 1);
    const [{ body } = { body: {} }] = await events('Asked');
    expect(body['properties']).toEqual({ n: 3 });
    expect([...(await visitor.stored())].sort()).toEqual(['tl.anonymous', 'tl.consent']);
  });

  it('stores nothing and sends nothing after a no', async () => {
    await visitor.page.goto(site.page('/', attributes()));
    await visitor.call('track', 'Refused');
    await visitor.call('consent', { personalisation: false, marketing: false });
    await visitor.call('track', 'Refused');
    await visitor.call('flush');
    expect([visitor.requests, await visitor.stored()]).toEqual([[], []]);
  });

  it('tells the server of a no that follows a yes, and forgets who it was', async () => {
    await visitor.page.goto(site.page('/', attributes()));
    await visitor.call('consent', { personalisation: true });
    await arrived('Consent Changed', 1);
    await visitor.call('consent', { personalisation: false });
    await arrived('Consent Changed', 2);
    const states = (await events('Consent Changed')).map(
      ({ body }) => body['properties']?.['state'],
    );
    expect(states).toEqual(['granted', 'denied']);
    expect(await visitor.stored()).toEqual([]);
  });

  it('sends each event exactly once, offline, then online, over pages that come and go', async () => {
    await visitor.page.goto(site.page('/', attributes({ consent: 'given' })));
    await visitor.context.setOffline(true);
    for (const n of [1, 2, 3, 4, 5]) await visitor.call('track', 'Kept', { n });
    await visitor.call('flush');
    expect(await events('Kept')).toEqual([]);
    expect((await visitor.stored()).filter((name) => name.startsWith('tl.q.'))).toHaveLength(5);
    await visitor.context.setOffline(false);
    // Sent when the page goes, and again by the next one, which cannot know whether that arrived.
    await visitor.page.goto(site.page('/two', attributes({ consent: 'given' })));
    await visitor.call('track', 'Kept', { n: 6 });
    await arrived('Kept', 6);
    await eventually(async () => {
      expect((await visitor.stored()).filter((name) => name.startsWith('tl.q.'))).toEqual([]);
    });
    const numbers = (await events('Kept')).map(({ body }) => body['properties']?.['n']);
    expect(numbers.sort()).toEqual([1, 2, 3, 4, 5, 6]);
    const { rows } = await bench.sql.query('select 1 from quarantine');
    expect(rows).toEqual([]);
  });

  it('sends by itself when the connection is back', async () => {
    await visitor.page.goto(site.page('/', attributes({ consent: 'given' })));
    await visitor.context.setOffline(true);
    await visitor.call('track', 'Back');
    await visitor.call('flush');
    await visitor.context.setOffline(false);
    await arrived('Back', 1);
  });

  it('sends from a page that is closed at once', async () => {
    await visitor.page.goto(site.page('/', attributes({ consent: 'given' })));
    await visitor.call('track', 'Left');
    await visitor.page.close({ runBeforeUnload: true });
    await arrived('Left', 1);
  });

  it('sends once what two tabs of a site have in their common store', async () => {
    await visitor.page.goto(site.page('/', attributes({ consent: 'given' })));
    await visitor.context.setOffline(true);
    for (const n of [1, 2, 3]) await visitor.call('track', 'Shared', { n });
    const other = await visitor.context.newPage();
    await visitor.context.setOffline(false);
    await other.goto(site.page('/other', attributes({ consent: 'given' })));
    await Promise.all([visitor.call('flush'), other.evaluate('throughline.flush()')]);
    await arrived('Shared', 3);
    const ids = (await events('Shared')).map(({ body }) => body['properties']?.['n']);
    expect(ids.sort()).toEqual([1, 2, 3]);
  });

  it('says where it is and which campaign brought its visitor', async () => {
    const path = '/landing?utm_source=news&utm_campaign=spring';
    await visitor.page.goto(site.page(path, attributes({ consent: 'given' })));
    await visitor.call('page', 'Landing');
    await arrived('Page Viewed', 1);
    const [{ body } = { body: {} }] = await events('Page Viewed');
    expect(body['context']).toMatchObject({
      campaign: { source: 'news', name: 'spring' },
      page: { path: '/landing', title: 'Shop /landing' },
      library: { name: 'throughline.js' },
    });
  });

  it('is one person over pages, the same after signing in, and another after a reset', async () => {
    await visitor.page.goto(site.page('/', attributes({ consent: 'given' })));
    await visitor.call('track', 'Who', { n: 1 });
    await visitor.call('identify', 'who-1', { plan: 'pro' });
    await visitor.page.goto(site.page('/two', attributes({ consent: 'given' })));
    await visitor.call('track', 'Who', { n: 2 });
    await visitor.call('reset');
    await visitor.call('track', 'Who', { n: 3 });
    await arrived('Who', 3);
    const { rows } = await bench.sql.query<{ owner: string }>(
      `select coalesce(c.merged_into, e.customer_id) as owner from event e join customer c using (workspace_id, customer_id)
        where e.name = 'Who' order by (e.body -> 'properties' ->> 'n')::int`,
    );
    const [first, second, third] = rows.map(({ owner }) => owner);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('is told what its visitor has agreed to, and asks the server whether that still holds', async () => {
    await visitor.page.goto(site.page('/', attributes()));
    await visitor.call('consent', { personalisation: true });
    await visitor.call('identify', 'told-1', { plan: 'gold', secret: 'x' });
    await visitor.call('track', 'Told');
    await arrived('Told', 1);
    const told = await visitor.call('personalize');
    expect(told).toMatchObject({ personalised: true, traits: { plan: 'gold' } });
    expect(JSON.stringify(told)).not.toContain('secret');
    const again = visitor.page.waitForResponse((answer) =>
      answer.url().includes('/v1/personalize'),
    );
    expect(await visitor.call('personalize')).toEqual(told);
    expect([200, 304]).toContain((await again).status());
  });

  it('is told nothing on a site that is not on the list', async () => {
    const stranger = await Site.open();
    try {
      await visitor.page.goto(stranger.page('/', attributes({ consent: 'given' })));
      expect(await visitor.call('personalize')).toMatchObject({ personalised: false });
    } finally {
      await stranger.close();
    }
  });

  it('leaves a page in peace that calls what is not there, or has no key', async () => {
    const errors: string[] = [];
    visitor.page.on('pageerror', ({ message }) => errors.push(message));
    await visitor.page.goto(site.page('/', {}, `['track','X']`));
    await visitor.page.goto(site.page('/', attributes(), `['nonsense'],null,['identify',{}]`));
    await visitor.page.evaluate('throughline.push(["track"])');
    expect(errors).toEqual([]);
  });
});
