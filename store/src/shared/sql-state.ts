/** What a failed statement means for the work that issued it (docs/architecture.md, "bad data never stops good data"). */
export type StoreFault =
  /** the data itself was refused: bisect, quarantine the bad item */
  | 'data'
  /** the server is away, overloaded or gave way: the same work is tried again */
  | 'outage'
  /** anything else is our bug: stop loudly */
  | 'bug';

const DATA = [/^22/, /^54/, /^23502$/, /^23514$/];
const OUTAGE = [/^08/, /^40/, /^53/, /^57/, /^58/, /^55P03$/, /^25P03$/, /^25P04$/];
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

export function classifyStoreError(error: unknown): StoreFault {
  const code = errorCode(error);
  if (code === undefined) return isLostConnection(error) ? 'outage' : 'bug';
  if (DATA.some((pattern) => pattern.test(code))) return 'data';
  if (SOCKET.has(code) || OUTAGE.some((pattern) => pattern.test(code))) return 'outage';
  return 'bug';
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** pg reports a socket that ended in the middle, or a pool that could not connect in time, by message only. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/i.test(
      error.message,
    )
  );
}
