import { afterAll, describe, expect, it } from '@jest/globals';
import { createEgress, type TokenStore } from '@throughline/connectors/kit';
import { runContextOf } from './run-context.js';

const OWNER = { workspaceId: 'w', connectionKey: 'ads' };
const NOTHING = (): void => undefined;

describe('the context of a call', () => {
  const egress = createEgress({ allowPrivateAddresses: false });
  afterAll(() => egress.close());
  const context = {
    egress,
    now: () => 5,
    newId: () => 'id',
    log: { debug: NOTHING, warn: NOTHING },
  };
  const { signal } = new AbortController();

  it('names the connection, so that its pace is its own', () => {
    const made = runContextOf({ context }, OWNER, signal);
    expect(made).toEqual({ ...context, signal, connection: 'w:ads' });
  });

  it('brings the tokens of this connection', () => {
    const store: TokenStore = { current: () => Promise.reject(new TypeError('not asked')) };
    const owners: unknown[] = [];
    const tokensOf = (owner: unknown): TokenStore => {
      owners.push(owner);
      return store;
    };
    expect(runContextOf({ context, tokensOf }, OWNER, signal).tokens).toBe(store);
    expect(owners).toEqual([OWNER]);
  });
});
