import type { JsonObject } from '@throughline/domain/shared';
import type { Api } from '../api.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';
import { engineFindings } from './doctor-engine.js';
import { listed, look, type Finding } from './doctor-finding.js';
import { sendingFindings } from './doctor-sending.js';

export interface DoctorOptions {
  readonly url: string;
  readonly open: Api;
  /** null: no key is set */
  readonly managed: Api | null;
}

/** Is the server there and ready, does the key open it, and does anybody wait for a decision? Worst exit code wins. */
export async function doctor({ url, open, managed }: DoctorOptions): Promise<Outcome> {
  const alive = await look('server', () =>
    open.call({ method: 'GET', path: '/healthz' }).then(() => url),
  );
  const findings = alive.state === 'ok' ? [alive, ...(await examine(open, managed))] : [alive];
  return {
    exit: worst(findings),
    lines: findings.flatMap(linesOf),
    data: {
      findings: findings.map(({ what, state, said, advice }): JsonObject => {
        return { what, ok: state !== 'fail', state, said, ...(advice && { advice }) };
      }),
    },
  };
}

async function examine(open: Api, managed: Api | null): Promise<Finding[]> {
  const engine = await engineFindings(open);
  if (managed === null) {
    const said = 'THROUGHLINE_KEY is not set';
    return [...engine, { what: 'key', state: 'fail', said, exit: EXIT.usage }];
  }
  const key = await keyOf(managed);
  return [...engine, key, ...(key.state === 'ok' ? await sendingFindings(managed) : [])];
}

async function keyOf(managed: Api): Promise<Finding> {
  return look('key', async () => {
    const [first] = await listed(managed, '/api/v1/workspaces');
    const name = first?.['key'];
    return `of the workspace ${typeof name === 'string' ? name : 'unknown'}`;
  });
}

const MARKS: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok  ',
  warn: 'warn',
  fail: 'FAIL',
};

function linesOf({ what, state, said, advice }: Finding): string[] {
  const line = `${MARKS[state]} ${what}: ${said}`;
  return advice === undefined ? [line] : [line, `     → ${advice}`];
}

function worst(findings: readonly Finding[]): ExitCode {
  const exits = findings.map(({ exit }) => exit);
  return (
    exits.find((exit) => exit === EXIT.unreachable) ??
    exits.find((exit) => exit !== EXIT.ok) ??
    EXIT.ok
  );
}
