import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dayReader } from './days.js';
import { readLabelledFeatures } from './labelled-features.js';
import { readConformanceOptions } from './options.js';
import { scoreChurn } from './score-churn.js';
import { scoreValue } from './score-value.js';
import { readTransactions } from './transactions.js';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'prediction-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

describe('a log of purchases', () => {
  const orders = [
    { customerId: '1', day: '1997-01-31', amount: 1_177 },
    { customerId: '2', day: '1997-02-01', amount: 0 },
  ];

  it.each([
    [
      'with a header, parted by spaces',
      ' customer_id date cds dollar_value\r\n 1  19970131  2   11.77\r\n 2  19970201  1    0.00\r\n',
    ],
    [
      'without one, with an id in between',
      ' 1 0001 19970131  2   11.77\n 2 0002 19970201  1    0.00\n',
    ],
    [
      'as CSV, in another order',
      'Amount,Order Date,Customer ID\n11.77,1997-01-31T10:00:00Z,1\n0,1997-02-01,2\n',
    ],
    ['as CSV without a header', '1,1997-01-31,11.77\n2,1997-02-01,0.00\n'],
    [
      'with the day first, and another currency',
      'client;when;total\n1;31/01/1997;11,77 €\n2;01/02/1997;0,00 €\n',
    ],
  ])('is read %s', async (name, text) => {
    const read = await readTransactions(await file(`${name}.txt`, text));
    expect(read).toMatchObject({ orders, skipped: 0 });
  });

  it('takes columns that are named, and counts rows that are no use', async () => {
    const log = await file(
      'odd.csv',
      'a,b,c,d\nx,2020-01-01,5.00,1\ny,2020-01-02,6.00,2\ny,never,6.00,3\n',
    );
    const read = await readTransactions(log, { customer: 'd', amount: 'c' });
    expect(read.orders.map(({ customerId }) => customerId)).toEqual(['1', '2']);
    expect(read.columns).toEqual({ customer: 'd', date: 'b', amount: 'c' });
    expect(read.skipped).toBe(1);
    await expect(readTransactions(log, { date: 'z' })).rejects.toThrow(/no column "z"/);
  });

  it('that holds no days is refused in a sentence', async () => {
    const log = await file('none.csv', 'customer,amount\n1,2\n');
    await expect(readTransactions(log)).rejects.toThrow(/no column holds dates/);
    await expect(readTransactions(join(dir, 'nowhere'))).rejects.toThrow(/could not be read/);
  });

  it('is fitted, scored and held against what came after', async () => {
    const lines = Array.from({ length: 400 }, (_, at) => {
      const month = String(1 + (at % 9)).padStart(2, '0');
      return `${at % 60},2020-${month}-${String(1 + (at % 27)).padStart(2, '0')},${5 + (at % 11)}.50`;
    });
    const log = await file('shop.csv', `customer_id,date,amount\n${lines.join('\n')}\n`);
    const said: string[] = [];
    const options = { kind: 'value', log, calibrationEnd: '2020-06-30', columns: {} } as const;
    const score = await scoreValue(options, (line) => said.push(line));
    expect(said).toEqual(['columns: customer = customer_id, date = date, amount = amount']);
    expect(score).toMatchObject({
      rows: 400,
      customers: 60,
      unit: 'weeks',
      calibrationEnd: '2020-06-30',
    });
    expect(score).toHaveProperty('bgNbd.converged', true);
    expect(score).toHaveProperty('gammaGamma.p');
    expect(score).toHaveProperty('holdout.mbgNbd.silent.recencyAuc');
    const early = { ...options, calibrationEnd: '2019-01-01' };
    await expect(scoreValue(early, () => undefined)).rejects.toThrow(/Nobody ordered/);
  });
});

describe('days', () => {
  it('that no month has are none', () => {
    const read = dayReader(['02/01/1997', '12/12/1997']);
    expect(read('02/01/1997')).toBe('1997-02-01');
    expect(['19970231', '1997-13-01', 'soon', ''].map(read)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

const PEOPLE = Array.from({ length: 300 }, (_, at) => {
  const months = at % 30;
  const gone = (at * 7) % 30 > months ? 'Yes' : 'No';
  return `c-${at},${at},${months},${at % 9 === 0 ? ' ' : (at % 5) * 1.5},${['a', 'b', ''][at % 3] ?? ''},same,${gone}`;
});
const TABLE = `customerID,row,months,charge,plan,country,Left\n${PEOPLE.join('\n')}\n`;

describe('a labelled table', () => {
  it('is typed by looking; what names a row or says nothing is left out', async () => {
    const set = await readLabelledFeatures(await file('people.csv', TABLE), 'Left');
    expect(set.dropped).toEqual([
      { column: 'customerID', why: 'it names the row' },
      { column: 'row', why: 'it names the row' },
      { column: 'country', why: 'one value only' },
    ]);
    expect(set.table.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['months', 'number'],
      ['charge', 'number'],
      ['plan', 'category'],
    ]);
    expect(set.positive).toBe('Yes');
    expect(set.table.columns[1]?.values[0]).toBeNaN();
    expect(set.table.columns[2]?.values[2]).toBeNull();
  });

  it('takes the value that is yes from its words, from its rarity, or from whoever says', async () => {
    const rare = await file('rare.csv', `f,l\n${['1,x', '2,y', '3,x', '4,x'].join('\n')}\n`);
    expect((await readLabelledFeatures(rare, 'l')).positive).toBe('y');
    expect((await readLabelledFeatures(rare, 'l', 'x')).positive).toBe('x');
    await expect(readLabelledFeatures(rare, 'l', 'z')).rejects.toThrow(/two values/);
    await expect(readLabelledFeatures(rare, 'm')).rejects.toThrow(/no column "m"/);
  });

  it('is cross-validated by both models', async () => {
    const csv = await file('people.csv', TABLE);
    const said: string[] = [];
    const options = { kind: 'churn', csv, label: 'Left', positive: undefined } as const;
    const score = await scoreChurn(options, (line) => said.push(line));
    expect(score).toMatchObject({ rows: 300, features: 3, parameters: { folds: 5 } });
    expect(said).toContain('customerID: left out, it names the row');
    expect(said).toContain('plan: category');
    for (const kind of ['logistic', 'boosting'])
      expect(score).toHaveProperty(`${kind}.aucOfFolds.4`);
    const few = await file('few.csv', 'f,l\n1,yes\n2,no\n3,no\n');
    await expect(scoreChurn({ ...options, csv: few, label: 'l' }, () => undefined)).rejects.toThrow(
      /5 rows/,
    );
  });
});

describe('the options of value and churn', () => {
  it('name a log and a day, or a table and its label', () => {
    expect(
      readConformanceOptions([
        'value',
        '--log',
        'x',
        '--calibration-end',
        '19970930',
        '--columns',
        'customer=a,amount=b',
      ]),
    ).toEqual({
      kind: 'value',
      log: 'x',
      calibrationEnd: '1997-09-30',
      columns: { customer: 'a', amount: 'b' },
    });
    expect(readConformanceOptions(['churn', '--csv', 'x', '--label', 'y'])).toEqual({
      kind: 'churn',
      csv: 'x',
      label: 'y',
      positive: undefined,
    });
  });

  it.each([
    [['value', '--log', 'x'], /value takes --log FILE and/],
    [['value', '--log', 'x', '--calibration-end', 'soon'], /takes a day/],
    [
      ['value', '--log', 'x', '--calibration-end', '2020-01-01', '--columns', 'who=a'],
      /customer=…/,
    ],
    [['churn', '--csv', 'x'], /churn takes --csv FILE/],
  ])('are refused in a sentence: %j', (args, why) => {
    expect(() => readConformanceOptions(args)).toThrow(why);
  });
});
