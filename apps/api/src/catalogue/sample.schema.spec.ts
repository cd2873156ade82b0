import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ThroughlineError } from '@throughline/domain/shared';
import { mapping } from '../testing/definitions.js';
import { rowsOf, SampleSchema, TrialSchema } from './sample.schema.js';

describe('sampled rows', () => {
  it('are the objects that were given, with every column that any of them has', () => {
    const sample = rowsOf({ rows: [{ id: 1 }, { id: 2, mail: 'a@b.example' }] });
    expect(sample.rows).toEqual([{ id: 1 }, { id: 2, mail: 'a@b.example' }]);
    expect(sample.columns).toEqual(['id', 'mail']);
  });

  it.each([
    ['commas', 'id,mail\n1,a@b.example\n'],
    ['semicolons', 'id;mail\n1;a@b.example\n'],
    ['tabs', 'id\tmail\n1\ta@b.example\n'],
    ['a byte order mark', '\ufeffid,mail\n1,a@b.example\n'],
    ['line ends of Windows', 'id,mail\r\n1,a@b.example\r\n'],
    ['no line end at all', 'id,mail\n1,a@b.example'],
    ['empty lines between', 'id,mail\n\n1,a@b.example\n\n'],
  ])('are read from text with %s', (_what, csv) => {
    expect(rowsOf({ csv }).rows).toEqual([{ id: '1', mail: 'a@b.example' }]);
  });

  it('come from text where both are given', () => {
    expect(rowsOf({ rows: [{ id: 9 }], csv: 'id\n1\n' }).rows).toEqual([{ id: '1' }]);
  });

  it('keep what stands in quotation marks: separators, line ends and the marks themselves', () => {
    const csv = 'id,note\n1,"a, b\nc ""d"""\n';
    expect(rowsOf({ csv }).rows).toEqual([{ id: '1', note: 'a, b\nc "d"' }]);
  });

  it('are read even when a row is shorter than the header, or longer', () => {
    const { rows } = rowsOf({ csv: 'a,b,c\n1\n1,2,3,4\n' });
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ a: '1' });
    expect(rows[1]).toMatchObject({ a: '1', b: '2', c: '3' });
  });

  it('end after five hundred', () => {
    const csv = `id\n${Array.from({ length: 900 }, (_, index) => index).join('\n')}\n`;
    expect(rowsOf({ csv }).rows).toHaveLength(500);
  });

  it.each([[{}], [{ rows: [] }], [{ csv: '' }], [{ csv: 'id,mail\n' }], [{ csv: '\n\n\n' }]])(
    'that are not there are asked for: %j',
    (sample) => {
      expect(() => rowsOf(sample)).toThrow(
        new ThroughlineError('invalid_request', 'There is no row to look at.'),
      );
    },
  );

  it('are read or refused with a reason, whatever the text is', () => {
    const text = fc.string({
      unit: fc.constantFrom('"', ',', ';', '\n', '\r', 'a', ' ', '\u0000', 'é'),
    });
    fc.assert(
      fc.property(text, (csv) => {
        try {
          expect(rowsOf({ csv }).rows.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ThroughlineError);
        }
      }),
    );
  });

  it('that call a column like a part of every object keep it as a column', () => {
    const { rows, columns } = rowsOf({ csv: 'constructor,toString\n1,2\n' });
    expect(columns).toEqual(['constructor', 'toString']);
    expect(rows).toEqual([{ constructor: '1', toString: '2' }]);
    expect(Reflect.get({}, '0')).toBeUndefined();
  });
});

describe('the envelope of a sample', () => {
  it.each([
    [{ target: 'customers', rows: [{ a: 1 }] }, true],
    [{ target: 'orders', csv: 'a\n1\n' }, true],
    [{ target: 'people', rows: [] }, false],
    [{ rows: [{ a: 1 }] }, false],
    [{ target: 'events', rows: [[1]] }, false],
    [{ target: 'events', rows: 'a,b' }, false],
    [{ target: 'events', csv: 'a', key: 'x' }, false],
    [{ target: 'events', rows: Array.from({ length: 501 }, () => ({})) }, false],
    [{ target: 'events', csv: 'x'.repeat(512 * 1024 + 1) }, false],
  ])('takes rows or a file’s beginning for a known target (%#)', (body, valid) => {
    expect(SampleSchema.safeParse(body).success).toBe(valid);
  });

  it('of a trial brings a whole mapping', () => {
    expect(TrialSchema.safeParse({ mapping: mapping('m'), rows: [{}] }).success).toBe(true);
    expect(TrialSchema.safeParse({ mapping: { key: 'm' }, rows: [{}] }).success).toBe(false);
    expect(TrialSchema.safeParse({ rows: [{}] }).success).toBe(false);
  });
});
