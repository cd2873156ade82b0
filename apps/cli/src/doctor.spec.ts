import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeServer, runCli, type Answer, type FakeServer, type Seen } from './testing/capture.js';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const WELL: Readonly<Record<string, Answer>> = {
  '/healthz': { body: { status: 'ok' } },
  '/readyz': { body: { ready: true, reasons: [], lagMs: 12 } },
  '/api/v1/workspaces': { body: { items: [{ key: 'shop' }] } },
  '/api/v1/enrolments': { body: { items: [] } },
  '/api/v1/deliveries': { body: { items: [] } },
  '/api/v1/sending': { body: { stops: [] } },
  '/api/v1/connections': { body: { items: [{ key: 'mail' }, { key: 'hook' }] } },
  '/api/v1/connections/mail/health': { body: { state: 'ok', code: null } },
  '/api/v1/connections/hook/health': { body: { state: 'ok', code: null } },
};

async function doctor(answers: Readonly<Record<string, Answer>> = {}, ...args: readonly string[]) {
  server = await fakeServer(({ path }: Seen) => {
    const [route = ''] = path.split('?');
    return answers[route] ?? WELL[route] ?? { status: 404 };
  });
  return runCli(['doctor', ...args], { url: server.url });
}

const unready = (...reasons: readonly string[]): Answer => ({
  status: 503,
  body: { ready: false, reasons },
});

describe('throughline doctor', () => {
  it('finds all in order', async () => {
    const { exit, out } = await doctor();
    expect([exit, out.split('\n')]).toEqual([
      0,
      [
        `ok   server: ${server?.url ?? ''}`,
        'ok   database: there, every migration done',
        'ok   Temporal: there, with its search attributes',
        'ok   lanes: none is stopped; behind by 12 ms',
        'ok   key: of the workspace shop',
        'ok   held people: none',
        'ok   unknown sends: none',
        'ok   sending: nothing is stopped',
        'ok   connections: 2 in order',
        '',
      ],
    ]);
  });

  it.each([
    ['database_unreachable', 'FAIL database: database_unreachable', 'PostgreSQL'],
    ['migration_pending:X', 'FAIL database: migration_pending:X', 'admin.js migrate'],
    ['temporal_unreachable', 'FAIL Temporal: temporal_unreachable', 'Bring Temporal back'],
    ['lane_stopped:w', 'FAIL lanes: lane_stopped:w', 'restart'],
    ['lane_behind:w', 'FAIL lanes: lane_behind:w', 'Is a worker running?'],
  ])('says what %s is of, and what to do', async (reason, line, advice) => {
    const { exit, out } = await doctor({ '/readyz': unready(reason) });
    expect(exit).toBe(1);
    expect(out).toContain(`${line}\n     → `);
    expect(out).toContain(advice);
    expect(out.match(/^FAIL/gm)).toHaveLength(1);
  });

  it('shows a reason that it does not know', async () => {
    const { exit, out } = await doctor({ '/readyz': unready('moon_phase') });
    expect(exit).toBe(1);
    expect(out).toContain('FAIL readiness: moon_phase');
  });

  it('warns of who waits for a decision, which is no failure', async () => {
    const items = Array.from({ length: 200 }, () => ({}));
    const { exit, out } = await doctor({
      '/api/v1/enrolments': { body: { items: [{}, {}, {}] } },
      '/api/v1/deliveries': { body: { items } },
      '/api/v1/sending': { body: { stops: [{ scope: 'journey', target: 'cart' }] } },
    });
    expect(exit).toBe(0);
    expect(out).toContain('warn held people: 3 stand still until somebody decides\n     → ');
    expect(out).toContain('warn unknown sends: of 200 or more nobody knows');
    expect(out).toContain('warn sending: stopped: journey cart\n     → ');
  });

  it('names connections that fail, and why', async () => {
    const { exit, out } = await doctor({
      '/api/v1/connections/hook/health': {
        body: { state: 'needs_attention', code: 'unauthorised' },
      },
    });
    expect(exit).toBe(1);
    expect(out).toContain('FAIL connections: hook needs_attention (unauthorised)\n     → ');
  });

  it('says that the key is none, or missing, and looks no further with it', async () => {
    const refused = { status: 401, body: { detail: 'The key is missing.' } };
    const { exit, out } = await doctor({ '/api/v1/workspaces': refused });
    expect(exit).toBe(1);
    expect(out).toContain('FAIL key: GET /api/v1/workspaces: The key is missing.');
    expect(out).not.toContain('held people');
    const keyless = await runCli(['doctor'], { url: server?.url ?? '', key: undefined });
    expect([keyless.exit, keyless.out]).toEqual([
      2,
      expect.stringContaining('FAIL key: THROUGHLINE_KEY is not set'),
    ]);
  });

  it('says the same as data', async () => {
    const { out } = await doctor({ '/readyz': unready('temporal_unreachable') }, '--json');
    expect(JSON.parse(out)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ what: 'Temporal', ok: false, state: 'fail' }),
        { what: 'lanes', ok: true, state: 'ok', said: 'none is stopped' },
      ]),
    });
  });

  it('stops at a server that is not there', async () => {
    const { exit, out } = await runCli(['doctor']);
    expect([exit, out.split('\n')]).toEqual([3, [expect.stringContaining('FAIL server'), '']]);
  });
});
