import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { lastSeq } from './run-history.js';

const HISTORIES = fileURLToPath(new URL('../../../workflows/histories/', import.meta.url));

async function history(name: string) {
  const json: unknown = JSON.parse(await readFile(`${HISTORIES}${name}.json`, 'utf8'));
  return historyFromJSON(json);
}

describe('how far a run came', () => {
  it.each([
    ['wait-fired-ended', 2],
    ['wait-timeout-mail-accepted', 3],
    ['superseded', 1],
    ['hold-resume-force-exit', 4],
  ])('is the highest seq that %s was answered', async (name, seq) => {
    expect(lastSeq(await history(name))).toBe(seq);
  });

  it('is what its page began with, before the first answer', () => {
    const data = Buffer.from(JSON.stringify({ seq: 7 }));
    expect(
      lastSeq({
        events: [{ workflowExecutionStartedEventAttributes: { input: { payloads: [{ data }] } } }],
      }),
    ).toBe(7);
  });

  it('is nothing for a run that did nothing, or left what cannot be read', () => {
    expect(lastSeq({ events: [] })).toBe(0);
    const payloads = [{ data: Buffer.from('{') }];
    const marker = { markerName: 'core_local_activity', details: { result: { payloads } } };
    expect(lastSeq({ events: [{ markerRecordedEventAttributes: marker }] })).toBe(0);
  });
});
