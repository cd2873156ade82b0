import { Readable } from 'node:stream';
import { isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { EXIT, type ExitCode } from './exit-codes.js';

/** A call that did not end well, as a sentence for people and a code for scripts. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';

  constructor(
    message: string,
    readonly exit: ExitCode,
    readonly problem: JsonObject = {},
  ) {
    super(message);
  }
}

interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ApiAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: JsonObject;
}

interface ApiUpload {
  readonly path: string;
  readonly body: Readable;
}

export interface Api {
  /** null for 404; every other refusal throws */
  call(call: ApiCall): Promise<ApiAnswer | null>;
  /** a file, as long as it may take */
  upload(upload: ApiUpload): Promise<ApiAnswer>;
}

const TIMEOUT_MS = 20_000;

export function createApi(url: string, authorization: string | null): Api {
  return {
    async call(call) {
      const response = await reach(url, authorization, call);
      if (response.status === 404 && call.method === 'GET') return null;
      const body: unknown = await response.json().catch(() => ({}));
      const object = isJsonObject(body) ? body : {};
      if (!response.ok && response.status !== 503) throw refused(call, response.status, object);
      return { status: response.status, etag: response.headers.get('etag'), body: object };
    },
    async upload({ path, body: file }) {
      const call = { method: 'POST', path };
      const response = await send(url, authorization, { path, body: file });
      const body: unknown = await response.json().catch(() => ({}));
      const object = isJsonObject(body) ? body : {};
      if (!response.ok) throw refused(call, response.status, object);
      return { status: response.status, etag: null, body: object };
    },
  };
}

async function send(
  url: string,
  authorization: string | null,
  { path, body }: ApiUpload,
): Promise<Response> {
  try {
    return await fetch(url + path, {
      method: 'POST',
      headers: {
        ...(authorization === null ? {} : { authorization }),
        'content-type': 'application/octet-stream',
      },
      body: Readable.toWeb(body),
      duplex: 'half',
    });
  } catch {
    throw unreachable(url, 'cannot be reached, or hung up');
  }
}

function unreachable(url: string, why: string): CallFailed {
  return new CallFailed(
    `${url} ${why}. Is it running? THROUGHLINE_URL says where to look.`,
    EXIT.unreachable,
  );
}

async function reach(url: string, authorization: string | null, call: ApiCall): Promise<Response> {
  try {
    return await fetch(url + call.path, {
      method: call.method,
      headers: {
        ...(authorization === null ? {} : { authorization }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const why =
      error instanceof Error && error.name === 'TimeoutError'
        ? 'does not answer in time'
        : 'cannot be reached';
    throw unreachable(url, why);
  }
}

function refused({ method, path }: ApiCall, status: number, problem: JsonObject): CallFailed {
  const { detail, faults } = problem;
  const said = typeof detail === 'string' ? detail : `status ${status}`;
  const listed = Array.isArray(faults) ? faults.filter(isJsonObject).map(faultLine) : [];
  return new CallFailed(
    [`${method} ${path}: ${said}`, ...listed].join('\n'),
    EXIT.refused,
    problem,
  );
}

function faultLine({ path, message }: JsonObject): string {
  return `  ${typeof path === 'string' && path !== '' ? `${path}: ` : ''}${typeof message === 'string' ? message : 'refused'}`;
}
