import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { atLeast, exactly, renderChecks, within } from './check.js';
import { openCsv } from './csv.js';
import { readLabelled } from './labelled.js';
import { checkMixture } from './linkage-checks.js';
import { parseMapping } from './mapping.js';
import { readConformanceOptions } from './options.js';
import { checkOrder, checkProtection } from './rule-checks.js';
import { scoreIdentity } from './score-identity.js';
import { countTests } from './unmerge-check.js';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'conformance-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

describe('checks', () => {
  it('say what was found beside what had to be', () => {
    const checks = [
      exactly('pairs', 682, 682),
      within('lambda', 0.4999, [0.5, 0.001]),
      atLeast('f1', 0.9, 0.92),
    ];
    expect(checks.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(renderChecks(checks).split('\n')).toEqual([
      'name    value   expected     ok',
      'pairs   682     682          ok',
      'lambda  0.4999  0.5 ± 0.001  ok',
      'f1      0.9     ≥ 0.92       MISS',
    ]);
  });

  it('hold for identity by rules', () => {
    expect([...checkOrder(), ...checkProtection()].filter(({ ok }) => !ok)).toEqual([]);
  });

  it('hold for a mixture whose answer is known', async () => {
    const lines = ['pair_id,agree_1,agree_2,agree_3,is_match,match_probability'];
    const m = [0.7, 0.9, 0.95];
    const u = [0.1, 0.025, 0.2];
    let pair = 0;
    for (let bits = 0; bits < 8; bits += 1) {
      const agrees = m.map((_, column) => ((bits >> column) & 1) === 1);
      const likely = (table: readonly number[]): number =>
        agrees.reduce((product, yes, column) => {
          const agree = table[column] ?? 0;
          return product * (yes ? agree : 1 - agree);
        }, 1);
      const [match, other] = [likely(m), likely(u)];
      for (let copy = 0; copy < Math.round(2_000 * (match + other)); copy += 1) {
        pair += 1;
        const row = agrees.map((yes) => (yes ? 1 : 0)).join(',');
        lines.push(`${pair},${row},0,${match / (match + other)}`);
      }
    }
    await file('em_vectors_4000.csv', `${lines.join('\n')}\n`);
    const checks = await checkMixture(dir);
    // Counts that had to be rounded, and another number of pairs: the parameters are found nevertheless.
    const parameters = checks.filter(({ name }) => /lambda|m\d|u\d/.test(name));
    expect(parameters).toHaveLength(7);
    expect(parameters.map(({ value }) => Number(value).toFixed(2))).toEqual(
      [0.5, ...m, ...u].map((value) => value.toFixed(2)),
    );
  });
});

describe('the tests of merge and unmerge', () => {
  it('are counted from the report at the end', () => {
    const report = JSON.stringify({ numFailedTests: 1, numPassedTests: 7, numTotalTests: 8 });
    expect(countTests(`starting\n${report}\n`)).toEqual({ passed: 7, all: 8 });
    expect(countTests('no servers')).toBeNull();
  });
});

describe('a CSV file', () => {
  it.each([
    ['comma', '\ufeffa,b\r\n1, x y \r\n2\r\n'],
    ['semicolon', 'a;b\n1;x y\n2\n'],
    ['tab', 'a\tb\n1\tx y\n2\n'],
  ])('with %s is read without decoration', async (name, text) => {
    const { names, rows } = await openCsv(await file(`${name}.csv`, text));
    const read: (readonly string[])[] = [];
    for await (const row of rows) read.push(row);
    expect(names).toEqual(['a', 'b']);
    expect(read).toEqual([['1', 'x y'], ['2']]);
  });

  it('that is empty or absent is refused in a sentence', async () => {
    await expect(openCsv(await file('empty.csv', ''))).rejects.toThrow(/it is empty/);
    await expect(openCsv(join(dir, 'nowhere.csv'))).rejects.toThrow(/could not be read/);
  });
});

describe('a labelled table', () => {
  it('keeps the truth apart, by pattern where one is given', async () => {
    const csv = await file(
      'labelled.csv',
      'rec,name\nrec-1-org,Ada\nrec-1-dup-0,Adda\nrec-2-org,Eve\n',
    );
    const set = await readLabelled({ csv, truth: 'rec', truthPattern: /^rec-(\d+)/ }, true);
    expect(set.truth).toEqual(['1', '1', '2']);
    expect(set.pairs).toBe(1);
    expect(set.raw.get('name')).toEqual(['Ada', 'Adda', 'Eve']);
    expect(set.table.columns.map(({ name }) => name)).toEqual(['name (given)', 'name (family)']);
    await expect(readLabelled({ csv, truth: 'person' })).rejects.toThrow(/no column "person"/);
    await expect(readLabelled({ csv, truth: 'rec', truthPattern: /x/ })).rejects.toThrow(/match/);
  });

  it('is scored, with or without a mapping', async () => {
    const people = ['Ada,Lovelace,1815-12-10', 'Grace,Hopper,1906-12-09', 'Alan,Turing,1912-06-23'];
    const rows = people.flatMap((person, at) => [`${person},${at}`, `${person},${at}`]);
    const csv = await file('people.csv', `First Name,Last Name,Born,who\n${rows.join('\n')}\n`);
    const columns = await file('mapping.json', '{"First Name":"given_name","Born":"date"}');
    const said: string[] = [];
    const base = { kind: 'identity', csv, truth: 'who', truthPattern: undefined } as const;
    const guessed = await scoreIdentity({ ...base, columns: undefined, threshold: 0.9 }, (line) =>
      said.push(line),
    );
    expect(guessed).toMatchObject({ rows: 6, precision: 1, recall: 1, f1: 1, largest: 2 });
    expect(said).toContain('First Name: given_name, 3 values');
    expect(guessed.rssMiB).toBeGreaterThan(10);
    said.length = 0;
    await scoreIdentity({ ...base, columns, threshold: 0.5 }, (line) => said.push(line));
    expect(said.slice(0, 2)).toEqual(['First Name: given_name, 3 values', 'Born: date, 3 values']);
  });
});

describe('a mapping', () => {
  const columns = ['First Name', 'Born', 'Notes'];

  it.each([
    [{ 'First Name': 'given_name', Born: 'date' }],
    [{ columns: { 'First Name': { kind: 'first name' }, Born: 'dob', Notes: 'ignore' } }],
    [{ given_name: 'First Name', date: ['Born'] }],
  ])('is taken as %j', (json) => {
    expect(parseMapping(json, columns)).toEqual({
      'First Name': 'given_name',
      Born: 'date',
      Notes: 'ignore',
    });
  });

  it.each([
    [{ Nobody: 'date' }, /no column/],
    [{ Born: 'colour' }, /kind of "Born"/],
    [[], /no object/],
  ])('is refused as %j', (json, why) => {
    expect(() => parseMapping(json, columns)).toThrow(why);
  });
});

describe('the options', () => {
  it('name a folder, or a labelled file', () => {
    expect(readConformanceOptions(['--data', dir])).toEqual({
      kind: 'all',
      data: dir,
      json: undefined,
    });
    const args = ['identity', '--csv', 'x.csv', '--truth', 'who', '--truth-pattern', 'r-(\\d+)'];
    expect(readConformanceOptions(args)).toMatchObject({
      kind: 'identity',
      csv: 'x.csv',
      truthPattern: /r-(\d+)/u,
      threshold: 0.95,
    });
    expect(readConformanceOptions([...args, '--threshold', '.5'])).toMatchObject({
      threshold: 0.5,
    });
    expect(readConformanceOptions(['--help'])).toEqual({ kind: 'help' });
  });

  it.each([
    [['--data', '/nowhere/at/all'], /no folder/],
    [['values'], /no "values"/],
    [['identity', '--csv', 'x.csv'], /takes --csv FILE and --truth/],
    [['identity', '--csv', 'x', '--truth', 't', '--threshold', '1'], /between 0 and 1/],
    [['identity', '--csv', 'x', '--truth', 't', '--truth-pattern', '('], /regular expression/],
    [['--colour'], /Unknown option/],
    [['identity', 'more'], /one word too many/],
  ])('are refused in a sentence: %j', (args, why) => {
    expect(() => readConformanceOptions(args)).toThrow(why);
  });
});
