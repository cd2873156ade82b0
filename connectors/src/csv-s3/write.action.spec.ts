import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { CsvS3Settings } from './csv-s3.settings.js';
import { objectKey, RowInput, writeSpec } from './write.action.js';

const settings = CsvS3Settings.parse({
  bucket: 'shop-exports',
  accessKeyId: 'a',
  secretAccessKey: 's',
  columns: ['email', 'city', 'total'],
  hashedColumns: ['email'],
});
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;

function row(key: string, values: RowInput['values'] = {}, day = 14): DeliveryItem<RowInput> {
  return { key, input: { occurredAt: `2026-03-${day}T10:00:00Z`, values } };
}

function textsOf(items: readonly DeliveryItem<RowInput>[]): readonly string[] {
  return writeSpec.build(items, ctx).map(({ body }) => (body.kind === 'text' ? body.text : ''));
}

describe('building files', () => {
  it('has a header, the columns in their order and the delivery of each row', () => {
    const rows = [row('k1', { total: 5, city: '=Bonn', secret: 'x' }), row('k2')];
    expect(textsOf(rows)).toEqual(["delivery_id,email,city,total\r\nk1,,'=Bonn,5\r\nk2,,,\r\n"]);
  });

  it('hashes what is to be hashed: trimmed, in small letters, once', () => {
    const hash = 'b5fc85e55755f9e0d030a14ab4429b32b7be0df29ee3aa5dccb3eb1d6b7d56a3';
    const emails = [' Ada@Shop.Example ', 'ada@shop.example', ''];
    const [text = ''] = textsOf(emails.map((email, n) => row(`k${n}`, { email })));
    const cells = text.split('\r\n').map((line) => line.split(',')[1]);
    expect(cells[1]).toMatch(/^[0-9a-f]{64}$/);
    expect(cells[2]).toBe(cells[1]);
    expect(cells[3]).toBe('');
    expect(textsOf([row('k', { email: hash })])[0]).toContain(`k,${hash},`);
  });

  it('has a file for each day, and every row in one', () => {
    const items = [row('a', {}, 14), row('b', {}, 15), row('c', {}, 14)];
    const plans = writeSpec.build(items, ctx);
    expect(plans.map((plan) => plan.items)).toEqual([[0, 2], [1]]);
    expect(plans.map(({ url }) => /\d{4}-\d\d-\d\d/.exec(url)?.[0])).toEqual([
      '2026-03-14',
      '2026-03-15',
    ]);
  });

  it('takes no column from what every object has', () => {
    const odd = { ...settings, columns: ['constructor'], hashedColumns: [] };
    const [plan] = writeSpec.build([row('k')], { ...ctx, settings: odd });
    expect(plan?.body).toMatchObject({ text: 'delivery_id,constructor\r\nk,\r\n' });
  });
});

describe('the name of a file', () => {
  it('is the same for the same batch, tomorrow and in another order too', () => {
    const items = ['a', 'b', 'c'].map((key) => row(key));
    const later = { ...ctx, nowMs: NOW_MS + 86_400_000 };
    expect(writeSpec.build(items, later)).toEqual(writeSpec.build(items, ctx));
    expect(objectKey(settings, [...items].reverse())).toBe(objectKey(settings, items));
  });

  it('is another one for another batch', () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 });
    const nameOf = (batch: readonly string[]): string =>
      objectKey(
        settings,
        batch.map((key) => row(key)),
      );
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        const same = JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());
        expect(nameOf(one) === nameOf(other)).toBe(same);
      }),
    );
  });

  it('lies below the prefix', () => {
    expect(objectKey({ ...settings, prefix: 'a/b' }, [row('k')])).toMatch(
      /^a\/b\/2026-03-14\/[0-9a-f]{32}\.csv$/,
    );
  });
});

describe('reading the answer to a file', () => {
  const unreadable: ItemResult = { status: 'retry', code: 'response_unreadable' };
  const written: ItemResult = { status: 'delivered', providerId: objectKey(settings, [row('k')]) };
  it.each<StatusRow>([
    ['200 with an ETag', { headers: { etag: '"x"' } }, written],
    ['200 without one', { body: '<html>login</html>' }, unreadable],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    expect(writeSpec.read(responseOf(given), [row('k')], ctx)).toEqual([expected]);
  });
});

describe('a row', () => {
  it.each<[string, object]>([
    ['without a time', { values: {} }],
    ['with a day only', { occurredAt: '2026-03-14', values: {} }],
    ['with something that is no cell', { ...row('k').input, values: { email: ['a'] } }],
  ])('%s is refused', (_name, given) => {
    expect(RowInput.safeParse(given).success).toBe(false);
  });
});
