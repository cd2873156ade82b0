import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { attribute, mapping } from '../testing/definitions.js';

describe('catalogue and mappings', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const attributes = async (): Promise<unknown[]> =>
    listAt((await call('GET', 'catalogue')).body, 'attributes').map((one) => at(one, 'key'));

  it('begin with the usual attributes, and an own one is there as soon as it is put', async () => {
    expect(await attributes()).toEqual(expect.arrayContaining(['user_id', 'email', 'order_id']));
    expect(await attributes()).not.toContain('shoe_size');
    const body = { ...attribute('shoe_size'), type: 'number' };
    expect((await call('PUT', 'attributes/shoe_size', body)).status).toBe(201);
    expect(await attributes()).toContain('shoe_size');
    expect(listAt((await call('GET', 'attributes')).body, 'items')).toHaveLength(1);
    expect((await call('DELETE', 'attributes/shoe_size')).status).toBe(200);
    expect(await attributes()).not.toContain('shoe_size');
  });

  it('refuse an attribute of no known type', async () => {
    const { status } = await call('PUT', 'attributes/odd', { ...attribute('odd'), type: 'thing' });
    expect(status).toBe(422);
  });

  it('publish a mapping only if everything that it names exists', async () => {
    const faulty = mapping('crm', { fields: [{ to: 'no_such_thing', from: { path: 'id' } }] });
    expect((await call('PUT', 'mappings/crm', faulty)).status).toBe(201);
    expect((await call('POST', 'mappings/validate', faulty)).body).toMatchObject({ valid: false });
    const refused = await call('POST', 'mappings/crm/publish');
    expect([refused.status, listAt(refused.body, 'faults').length > 0]).toEqual([422, true]);
    expect((await call('PUT', 'mappings/crm', mapping('crm'))).status).toBe(200);
    expect((await call('POST', 'mappings/validate', mapping('crm'))).body).toEqual({
      valid: true,
      faults: [],
    });
    expect((await call('POST', 'mappings/crm/publish')).body).toMatchObject({ version: 1 });
    expect((await call('GET', 'mappings/crm')).body).toMatchObject({ state: 'live' });
    expect(listAt((await call('GET', 'mappings/crm/versions')).body, 'items')).toHaveLength(1);
    expect((await call('POST', 'mappings/validate', { key: 'x' })).body).toMatchObject({
      valid: false,
    });
  });

  it('suggest what the columns of a file are, by name and by values', async () => {
    const csv = 'Kundennummer;E-Mail;x\n17;ada@example.com;+49 170 1234567\n18;bob@example.com;\n';
    const { body } = await call('POST', 'mappings/suggest', { target: 'customers', csv });
    const byPath = new Map(
      listAt(body, 'suggestions').map((one) => [textAt(one, 'from', 'path'), at(one, 'to')]),
    );
    expect(byPath.get('E-Mail')).toBe('email');
    for (const one of listAt(body, 'suggestions'))
      expect(Number(at(one, 'confidence'))).toBeGreaterThan(0);
  });

  it('show what a mapping makes of real rows', async () => {
    const trial = {
      mapping: mapping('try', {
        fields: [
          { to: 'user_id', from: { path: 'id' } },
          { to: 'email', from: { path: 'mail' }, normalise: ['email'], level: 'quarantine' },
        ],
      }),
      csv: 'id,mail\n1, Ada@Example.COM \n2,no address\n',
    };
    const { status, body } = await call('POST', 'mappings/preview', trial);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      counts: { rows: 2, events: 1, rejected: 1 },
      rows: [
        {
          row: 1,
          events: [{ type: 'identify', userId: '1', traits: { email: 'ada@example.com' } }],
        },
        { row: 2, events: [], rejection: { field: 'email' } },
      ],
    });
  });

  it.each([
    ['suggest', { target: 'customers' }],
    ['suggest', { target: 'customers', csv: 'only,a,header\n' }],
    ['preview', { mapping: mapping('x'), rows: [] }],
  ])('refuse to %s without rows', async (verb, body) => {
    expect((await call('POST', `mappings/${verb}`, body)).status).toBe(400);
  });
});
