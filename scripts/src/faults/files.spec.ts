import { describe, expect, it } from '@jest/globals';
import { csvOf, judgeFiles, unfinished, type ImportRow, type UploadedFile } from './files.js';

const FILES: readonly UploadedFile[] = [
  { prefix: 'file0-', importId: 'a' },
  { prefix: 'file1-', importId: 'b' },
];
const whole = (importId: string): ImportRow => ({
  importId,
  state: 'done',
  rowsRead: 4_000,
  accepted: 4_000,
  duplicates: 0,
  rejected: 0,
  quarantined: 0,
});
const everybody = new Map([
  ['file0-', 4_000],
  ['file1-', 4_000],
]);

describe('files under fire', () => {
  it('hold as many rows as they say, each of somebody else', () => {
    const [head, ...rows] = csvOf('file0-').trimEnd().split('\n');
    expect(head).toBe('id,mail,first');
    expect(new Set(rows).size).toBe(4_000);
    expect(rows[7]).toBe('file0-7,file0-7@files.example,First 7');
  });

  it('are fine when every row was applied once', () => {
    const { faults, weight } = judgeFiles(FILES, [whole('a'), whole('b')], everybody);
    expect(faults).toEqual([]);
    expect(weight).toBe('2 files of 4000 rows');
  });

  it.each([
    { state: 'running' },
    { rowsRead: 3_999 },
    { accepted: 3_999 },
    { accepted: null },
    { duplicates: 1 },
    { rejected: 1 },
    { quarantined: 1 },
  ])('are at fault with %j', (wrong) => {
    const imports = [whole('a'), { ...whole('b'), ...wrong }];
    expect(judgeFiles(FILES, imports, everybody).faults).toEqual([
      expect.stringMatching(/^file1-: \{/),
    ]);
  });

  it('are at fault when somebody is missing, or the API never took them', () => {
    const missing = new Map([...everybody, ['file0-', 3_999] as const]);
    expect(judgeFiles(FILES, [whole('a'), whole('b')], missing).faults).toEqual([
      'file0-: 3999 customers',
    ]);
    const refused = [{ prefix: 'file0-', importId: null }];
    expect(judgeFiles(refused, [], everybody).faults).toEqual(['file0-: never accepted']);
  });

  it('are waited for until each of them is done', () => {
    expect(unfinished(FILES, [whole('a'), { ...whole('b'), state: 'running' }])).toEqual([
      'file1-',
    ]);
    expect(unfinished([{ prefix: 'file0-', importId: null }], [])).toEqual(['file0-']);
    expect(unfinished(FILES, [whole('a'), whole('b')])).toEqual([]);
  });
});
