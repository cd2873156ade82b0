import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@throughline/domain/shared';
import {
  archiveDefinition,
  listDefinitions,
  putDefinition,
  readDefinition,
  readLiveDefinitions,
  setDefinitionState,
  type Definition,
  type DefinitionRef,
} from './definitions.js';
import { ManagementKit } from './testing/management-kit.js';
import { listVersions, publishDefinition, readVersion, type Publication } from './versions.js';

describe('definitions', () => {
  let kit: ManagementKit;
  let count = 0;

  beforeAll(async () => {
    kit = await ManagementKit.open();
  });
  afterAll(() => kit.close());

  /** A key that no other test uses. */
  const fresh = (kind: DefinitionRef['kind'] = 'segment'): DefinitionRef => {
    count += 1;
    return { kind, key: `one-${count}` };
  };
  const put = (ref: DefinitionRef, body: JsonObject, ifRevision: number | null = null) =>
    kit.inShop((client, id) => putDefinition(client, id, { ...ref, body, ifRevision }));
  const publish = (ref: DefinitionRef, ifRevision: number | null = null): Promise<Publication> =>
    kit.inShop((client, id) => publishDefinition(client, id, { ...ref, by: 'key:1', ifRevision }));
  const read = (ref: DefinitionRef): Promise<Definition | null> =>
    kit.inShop((client, id) => readDefinition(client, id, ref));
  const archive = (ref: DefinitionRef): Promise<Definition | null> =>
    kit.inShop((client, id) => archiveDefinition(client, id, ref));
  const setState = (ref: DefinitionRef, state: Definition['state']) =>
    kit.inShop((client, id) => setDefinitionState(client, id, { ...ref, state }));

  describe('as drafts', () => {
    it('begin at revision one and are raised by every put', async () => {
      const ref = fresh();
      expect(await put(ref, { a: 1 })).toMatchObject({
        created: true,
        definition: { ...ref, revision: 1, state: 'draft', liveVersion: null, body: { a: 1 } },
      });
      expect(await put(ref, { a: 2 })).toMatchObject({
        created: false,
        definition: { revision: 2, body: { a: 2 } },
      });
    });

    it('take a put whose reader saw the last revision, and no other', async () => {
      const ref = fresh();
      await put(ref, { a: 1 });
      await put(ref, { a: 2 }, 1);
      await expect(put(ref, { a: 3 }, 1)).rejects.toMatchObject({ code: 'revision_mismatch' });
      expect(await read(ref)).toMatchObject({ revision: 2, body: { a: 2 } });
    });

    it('take one of several puts that saw the same revision', async () => {
      const ref = fresh();
      await put(ref, { a: 0 });
      const puts = await Promise.allSettled([1, 2, 3, 4, 5].map((a) => put(ref, { a }, 1)));
      expect(puts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await read(ref)).toMatchObject({ revision: 2 });
    });

    it('cannot be guarded by a revision where there is none yet', async () => {
      await expect(put(fresh(), {}, 1)).rejects.toMatchObject({ code: 'revision_mismatch' });
    });

    it('of one key and two kinds are two', async () => {
      const segment = fresh('segment');
      const journey = { ...segment, kind: 'journey' } as const;
      await put(segment, { of: 'segment' });
      await put(journey, { of: 'journey' });
      expect(await read(segment)).toMatchObject({ body: { of: 'segment' } });
      expect(await read(journey)).toMatchObject({ body: { of: 'journey' } });
    });
  });

  describe('published', () => {
    it('become versions that later drafts do not touch', async () => {
      const ref = fresh();
      await put(ref, { a: 1 });
      expect(await publish(ref)).toEqual({ version: 1, changed: true });
      await put(ref, { a: 2 });
      expect(await publish(ref)).toEqual({ version: 2, changed: true });
      await put(ref, { a: 3 });
      const version = (number: number) =>
        kit.inShop((client, id) => readVersion(client, id, { ...ref, version: number }));
      expect(await version(1)).toMatchObject({ body: { a: 1 }, publishedBy: 'key:1' });
      expect(await version(2)).toMatchObject({ body: { a: 2 } });
      expect(await version(3)).toBeNull();
      expect(await read(ref)).toMatchObject({ liveVersion: 2, state: 'live', body: { a: 3 } });
    });

    it('write nothing where the draft is what is live, in whatever order its keys stand', async () => {
      const ref = fresh();
      await put(ref, { a: 1, b: { c: 2, d: 3 } });
      await publish(ref);
      await put(ref, { b: { d: 3, c: 2 }, a: 1 });
      expect(await publish(ref)).toEqual({ version: 1, changed: false });
    });

    it('are a version of their own when they had been stopped, though nothing changed', async () => {
      const ref = fresh('journey');
      await put(ref, { a: 1 });
      await publish(ref);
      await setState(ref, 'stopped');
      expect(await publish(ref)).toEqual({ version: 2, changed: true });
      expect(await read(ref)).toMatchObject({ state: 'live' });
    });

    it('stay paused when they are', async () => {
      const ref = fresh('journey');
      await put(ref, { a: 1 });
      await publish(ref);
      await setState(ref, 'paused');
      await put(ref, { a: 2 });
      expect(await publish(ref)).toEqual({ version: 2, changed: true });
      expect(await read(ref)).toMatchObject({ state: 'paused', liveVersion: 2 });
    });

    it('are refused where somebody has put another draft since', async () => {
      const ref = fresh();
      await put(ref, { a: 1 });
      await put(ref, { a: 2 });
      await expect(publish(ref, 1)).rejects.toMatchObject({ code: 'revision_mismatch' });
      expect(await publish(ref, 2)).toMatchObject({ version: 1 });
    });

    it('are listed newest first, page by page', async () => {
      const ref = fresh();
      for (const a of [1, 2, 3, 4, 5]) {
        await put(ref, { a });
        await publish(ref);
      }
      const page = (after: number | null) =>
        kit.inShop((client, id) => listVersions(client, id, { ...ref, after, limit: 2 }));
      const numbers = async (after: number | null) =>
        (await page(after)).map(({ version }) => version);
      expect(await numbers(null)).toEqual([5, 4]);
      expect(await numbers(4)).toEqual([3, 2]);
      expect(await numbers(2)).toEqual([1]);
      expect(await numbers(1)).toEqual([]);
    });
  });

  describe('archived', () => {
    it('are stopped, listed apart, and keep their versions', async () => {
      const ref = fresh('template');
      await put(ref, { a: 1 });
      await publish(ref);
      expect(await archive(ref)).toMatchObject({ state: 'stopped', liveVersion: 1 });
      const listed = async (archived: boolean) => {
        const page = { kind: ref.kind, archived, after: null, limit: 50 };
        const rows = await kit.inShop((client, id) => listDefinitions(client, id, page));
        return rows.map(({ key }) => key);
      };
      expect(await listed(true)).toContain(ref.key);
      expect(await listed(false)).not.toContain(ref.key);
      await expect(publish(ref)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('stay drafts where they were never live', async () => {
      const ref = fresh();
      await put(ref, {});
      expect(await archive(ref)).toMatchObject({ state: 'draft' });
    });

    it('keep the time at which that was done first', async () => {
      const ref = fresh();
      await put(ref, {});
      const first = await archive(ref);
      expect((await archive(ref))?.archivedAt).toBe(first?.archivedAt);
    });

    it('come back by a put', async () => {
      const ref = fresh();
      await put(ref, { a: 1 });
      await archive(ref);
      expect(await put(ref, { a: 2 })).toMatchObject({
        created: false,
        definition: { archivedAt: null, revision: 2 },
      });
    });

    it('cannot be where there is nothing', async () => {
      expect(await archive(fresh())).toBeNull();
      expect(await setState(fresh(), 'paused')).toBeNull();
    });
  });

  describe('that are live', () => {
    it('are those that are live or paused, with the body that is live and not the draft', async () => {
      const refs = [fresh('attribute'), fresh('attribute'), fresh('attribute'), fresh('attribute')];
      for (const ref of refs) {
        await put(ref, { a: 'live' });
        await publish(ref);
        await put(ref, { a: 'draft' });
      }
      const [live, paused, stopped, archived] = refs;
      if (!live || !paused || !stopped || !archived) throw new TypeError('four were made');
      await setState(paused, 'paused');
      await setState(stopped, 'stopped');
      await archive(archived);
      await put(fresh('attribute'), { a: 'draft' });
      const found = await kit.inShop((client, id) =>
        readLiveDefinitions(client, id, ['attribute']),
      );
      expect(found).toEqual([live, paused].map((ref) => ({ ...ref, body: { a: 'live' } })));
    });
  });

  it('are seen by their own workspace only', async () => {
    const ref = fresh();
    await put(ref, {});
    await publish(ref);
    expect(await kit.spy((client, id) => readDefinition(client, id, ref))).toBeNull();
    expect(
      await kit.spy((client, id) => readVersion(client, id, { ...ref, version: 1 })),
    ).toBeNull();
    expect(await kit.spy((client, id) => archiveDefinition(client, id, ref))).toBeNull();
    const body = { ...ref, body: {}, ifRevision: null };
    await expect(kit.spy((client, id) => putDefinition(client, id, body))).rejects.toMatchObject({
      code: '42501',
    });
  });
});
