import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { classifyStoreError, type StoreFault } from './sql-state.js';

function withCode(code: unknown): Error {
  return Object.assign(new Error('x'), { code });
}

describe('a failed statement', () => {
  it.each<[string, string, StoreFault]>([
    ['22P05', 'a character that cannot be stored', 'data'],
    ['22003', 'a number out of range', 'data'],
    ['22021', 'a NUL', 'data'],
    ['23502', 'a null', 'data'],
    ['23514', 'a check', 'data'],
    ['54000', 'a limit of the server', 'data'],
    ['08006', 'a lost connection', 'outage'],
    ['40001', 'a serialisation failure', 'outage'],
    ['40P01', 'a deadlock', 'outage'],
    ['53300', 'too many connections', 'outage'],
    ['53100', 'a full disk', 'outage'],
    ['55P03', 'a lock that was not given', 'outage'],
    ['57014', 'a statement that took too long', 'outage'],
    ['57P01', 'a shutdown', 'outage'],
    ['58030', 'an input/output error', 'outage'],
    ['25P03', 'a transaction that lay idle', 'outage'],
    ['23505', 'a key that exists', 'bug'],
    ['23503', 'a reference to nothing', 'bug'],
    ['42501', 'a grant that lacks', 'bug'],
    ['42601', 'a syntax error', 'bug'],
    ['42P01', 'a table that lacks', 'bug'],
    ['25P02', 'an aborted transaction', 'bug'],
    ['55000', 'another state', 'bug'],
    ['', 'no code', 'bug'],
    ['XX000', 'an internal error', 'bug'],
  ])('with the code %s (%s) is %s', (code, _what, fault) => {
    expect(classifyStoreError(withCode(code))).toBe(fault);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'])(
    'that met %s found no server',
    (code) => {
      expect(classifyStoreError(withCode(code))).toBe('outage');
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('that says only %j lost its server', (message) => {
    expect(classifyStoreError(new Error(message))).toBe('outage');
  });

  it.each([
    [new TypeError('undefined is not a function')],
    [new Error('terminated')],
    ['Connection terminated'],
    [{ message: 'Connection terminated' }],
    [withCode(22_003)],
    [null],
    [undefined],
  ])('is our bug where nothing says otherwise: %p', (error) => {
    expect(classifyStoreError(error)).toBe('bug');
  });

  it('is an outage where nobody listens, as the driver really reports it', async () => {
    const client = new pg.Client({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
    const error: unknown = await client.connect().catch((reason: unknown) => reason);
    expect(classifyStoreError(error)).toBe('outage');
    const socket = await new Promise<unknown>((resolve) => {
      connect(1, '127.0.0.1').once('error', resolve);
    });
    expect(classifyStoreError(socket)).toBe('outage');
  });

  it('is an outage where the name leads nowhere', async () => {
    const client = new pg.Client({ host: '/nowhere/at/all', user: 'nobody', database: 'none' });
    const error: unknown = await client.connect().catch((reason: unknown) => reason);
    expect(classifyStoreError(error)).toBe('outage');
  });
});
