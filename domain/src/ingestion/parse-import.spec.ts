import { describe, expect, it } from '@jest/globals';
import { parseBody } from './parse-body.js';
import type { LogRow } from './types.js';

const ROW: LogRow = {
  position: 7,
  clock: 1_767_323_045_678,
  kind: 'import',
  endpoint: 'batch',
  sourceKey: 'till',
  hop: 0,
  body: null,
};
const EVENT = { type: 'track', event: 'Order Completed', userId: 'u', messageId: 'm' };
const rowOf = (batch: readonly unknown[], kind: LogRow['kind'] = 'import'): LogRow => ({
  ...ROW,
  kind,
  body: JSON.stringify({ batch }),
});

describe('rows of a file in the log', () => {
  it('are the events that a batch call would hold, but imported', () => {
    const [imported] = parseBody(rowOf([EVENT])).events;
    const [sent] = parseBody(rowOf([EVENT], 'http')).events;
    expect(sent?.imported).toBe(false);
    expect(imported).toEqual({ ...sent, imported: true });
    expect(imported).toMatchObject({ sourceKey: 'till', ref: { position: 7, ordinal: 0 } });
  });

  it('are rejected one by one, each with its own text', () => {
    const { events, rejections } = parseBody(rowOf([EVENT, { type: 'track', event: 'x' }, EVENT]));
    expect(events.map(({ ref }) => ref.ordinal)).toEqual([0, 2]);
    expect(rejections).toMatchObject([
      { ordinal: 1, code: 'missing_identity', body: '{"type":"track","event":"x"}' },
    ]);
  });

  it.each(['definitions', 'tick', 'backfill', 'command'] as const)('%s holds no event', (kind) => {
    expect(parseBody({ ...ROW, kind, body: '1' })).toEqual({ events: [], rejections: [] });
  });
});
