import { join } from 'node:path';
import { REPO_ROOT } from '../paths.js';
import { startProcess, type RunningProcess } from '../process.js';
import type { Reporter } from '../progress.js';
import { waitForHttp } from '../readiness.js';
import { HOST } from '../servers/ports.js';

/** One of our processes: restarted at the same door with the same environment. */
export interface Service {
  readonly name: 'api' | 'worker';
  readonly url: string;
  readonly logFile: string;
  pid(): number;
  kill(): Promise<void>;
  /** `env` is on top of what it has, for this one start */
  restart(env?: NodeJS.ProcessEnv): Promise<void>;
  stop(): Promise<void>;
}

interface ServiceOptions {
  readonly name: 'api' | 'worker';
  readonly port: number;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly report: Reporter;
}

export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, port, dataDir, report } = options;
  const url = `http://${HOST}:${port}`;
  const logFile = join(dataDir, 'logs', `${name}.log`);
  const launch = async (extra: NodeJS.ProcessEnv = {}): Promise<RunningProcess> => {
    const running = await startProcess({
      command: process.execPath,
      args: ['--enable-source-maps', join(REPO_ROOT, 'apps', name, 'dist', 'main.js')],
      cwd: REPO_ROOT,
      env: { ...options.env, ...extra, HOST, PORT: String(port), WORKER_PORT: String(port) },
      logFile,
    });
    await waitForHttp(`${url}/healthz`, {
      what: `The ${name} process`,
      deadlineMs: 60_000,
      process: running,
      logFile,
    });
    return running;
  };
  report({ kind: 'begin', task: `The ${name} process` });
  let running = await launch();
  report({ kind: 'done', task: `The ${name} process`, detail: `at ${url}` });
  return {
    name,
    url,
    logFile,
    pid: () => running.pid,
    kill: () => running.kill(),
    restart: async (env) => {
      await running.stop();
      running = await launch(env);
    },
    stop: () => running.stop('SIGTERM', 20_000),
  };
}
