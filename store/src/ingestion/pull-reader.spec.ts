import { describe, expect, it } from '@jest/globals';
import { pageQuery } from './pull-reader.js';

const TABLE = {
  schema: 'public',
  table: 'odd"name',
  columns: ['mail', 'id'],
  cursor: 'changed',
  primaryKey: 'id',
  pageSize: 50,
};

describe('the query of a page', () => {
  it('quotes names, binds values and reads only the columns that are wanted', () => {
    const { text, values } = pageQuery(TABLE, { kind: 'row', cursor: "'; drop", row: '7' });
    expect(text.replace(/\s+/g, ' ')).toBe(
      'select to_jsonb(t)::text as json, t."changed"::text as cursor, t."id"::text as "row" ' +
        'from (select "mail", "id", "changed" from "public"."odd""name" where ("changed", "id") > ($1, $2) ' +
        'order by "changed", "id" limit 50) t order by t."changed", t."id"',
    );
    expect(values).toEqual(["'; drop", '7']);
  });

  it('begins anew a little before the cursor, or at it, or at the first row', () => {
    const whole = { ...TABLE, columns: null };
    const from = (overlapSeconds: number) =>
      pageQuery(whole, { kind: 'cursor', cursor: '5', overlapSeconds });
    expect(from(0)).toMatchObject({
      text: expect.stringContaining('where "changed" >= $1 order'),
      values: ['5'],
    });
    expect(from(60)).toMatchObject({
      text: expect.stringContaining('$1::timestamptz - make_interval(secs => $2)'),
      values: ['5', 60],
    });
    expect(pageQuery(whole, { kind: 'first' })).toMatchObject({
      text: expect.stringContaining('select * from'),
      values: [],
    });
  });
});
