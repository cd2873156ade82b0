import { isJsonList, isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';

export interface DoctorOptions {
  readonly url: string;
  readonly open: Api;
  /** null: no key is set */
  readonly managed: Api | null;
}

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly said: string;
  readonly exit: ExitCode;
}

/** Is the server there, is it ready, and is the key one of its keys? Each finding on a line, worst exit code wins. */
export async function doctor({ url, open, managed }: DoctorOptions): Promise<Outcome> {
  const alive = await look('server', () =>
    open.call({ method: 'GET', path: '/healthz' }).then(() => url),
  );
  const findings = alive.ok ? [alive, await ready(open), await keyOf(managed)] : [alive];
  return {
    exit: worst(findings),
    lines: findings.map(({ what, ok, said }) => `${ok ? 'ok  ' : 'FAIL'} ${what}: ${said}`),
    data: { findings: findings.map(({ what, ok, said }): JsonObject => ({ what, ok, said })) },
  };
}

function ready(open: Api): Promise<Finding> {
  return look('readiness', async () => {
    const answer = await open.call({ method: 'GET', path: '/readyz' });
    const reasons = answer?.body['reasons'];
    const said = Array.isArray(reasons) ? reasons.join(', ') : 'no answer';
    if (answer?.body['ready'] !== true) throw new CallFailed(`not ready: ${said}`, EXIT.refused);
    return 'database, Temporal and lanes are as they must be';
  });
}

async function keyOf(managed: Api | null): Promise<Finding> {
  if (managed === null) {
    return { what: 'key', ok: false, said: 'THROUGHLINE_KEY is not set', exit: EXIT.usage };
  }
  return look('key', async () => {
    const answer = await managed.call({ method: 'GET', path: '/api/v1/workspaces' });
    const [first]: readonly Json[] = listOf(answer?.body['items']);
    const name = isJsonObject(first) ? first['key'] : undefined;
    return `of the workspace ${typeof name === 'string' ? name : 'unknown'}`;
  });
}

async function look(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, said: await ask(), exit: EXIT.ok };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { what, ok: false, said: error.message, exit: error.exit };
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : [];
}

function worst(findings: readonly Finding[]): ExitCode {
  const exits = findings.map(({ exit }) => exit);
  return (
    exits.find((exit) => exit === EXIT.unreachable) ??
    exits.find((exit) => exit !== EXIT.ok) ??
    EXIT.ok
  );
}
