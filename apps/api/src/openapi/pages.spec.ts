import { describe, expect, it } from '@jest/globals';
import { ERRORS } from '@throughline/domain/shared';
import { ENDPOINTS } from '../ingestion/endpoints.js';
import { DOOR_LIMITS } from '../ingestion/ingest.route.js';
import { at } from '../testing/bench.js';
import { errorsPage } from './errors-page.js';
import { rawPaths } from './raw-paths.js';

describe('the page of errors', () => {
  const page = errorsPage();
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));

  it('has a row for every code, with its status and whether it is worth another try', () => {
    expect(rows).toHaveLength(Object.keys(ERRORS).length);
    for (const [code, { status, retryable, sentence }] of Object.entries(ERRORS)) {
      const row = rows.find((line) => line.startsWith(`| \`${code}\` `)) ?? '';
      const cells = row.split('|').map((cell) => cell.trim());
      expect(cells.slice(1, 5)).toEqual([
        `\`${code}\``,
        String(status),
        sentence,
        retryable ? 'yes' : 'no',
      ]);
    }
  });

  it('goes by status, and its columns line up', () => {
    const statuses = rows.map((row) => Number(row.split('|')[2]));
    expect(statuses).toEqual([...statuses].sort((a, b) => a - b));
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
  });

  it('breaks no table by a sentence', () => {
    for (const row of rows) expect(row.split('|')).toHaveLength(6);
  });
});

describe('the raw routes', () => {
  const paths = rawPaths();

  it('hold every endpoint of the door, with an example that its kind of event has', () => {
    for (const endpoint of ENDPOINTS) {
      const body = at(
        paths,
        `/v1/${endpoint}`,
        'post',
        'requestBody',
        'content',
        'application/json',
      );
      expect({ endpoint, example: typeof at(body, 'example') }).toEqual({
        endpoint,
        example: 'object',
      });
    }
  });

  it('say the limits that the door keeps', () => {
    const said = String(at(paths, '/v1/batch', 'post', 'description'));
    expect(said).toContain(`${DOOR_LIMITS.bytes} bytes`);
    expect(said).toContain(`${DOOR_LIMITS.events} events`);
  });

  it('name each operation once', () => {
    const names = Object.values(paths).flatMap((path) =>
      ['get', 'post']
        .map((method) => at(path, method, 'operationId'))
        .filter((id) => id !== undefined),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('are open to whoever asks only where a key cannot be carried', () => {
    const open = Object.entries(paths).flatMap(([path, operations]) =>
      ['get', 'post']
        .filter((method) => at(operations, method, 'security', 'length') === 0)
        .map((method) => `${method} ${path}`),
    );
    expect(open.sort()).toEqual([
      'get /healthz',
      'get /metrics',
      'get /p/{token}',
      'get /readyz',
      'get /u/{token}',
      'post /p/{token}',
      'post /u/{token}',
      'post /v1/hooks/{hookId}',
      'post /v1/receipts/{connectionId}',
      'post /v1/receipts/{connectionId}/twilio',
    ]);
  });

  it('change nothing by GET, so that a mail scanner unsubscribes nobody', () => {
    expect(at(paths, '/u/{token}', 'get', 'summary')).toContain('changes nothing');
    expect(at(paths, '/u/{token}', 'get', 'requestBody')).toBeUndefined();
  });
});
