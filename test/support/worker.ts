/** The worker's own module in this process, with everything that it would write on its standard output kept for a look. */
import { randomBytes } from 'node:crypto';
import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Config } from '../../apps/worker/src/config.js';
import { HealthDoor } from '../../apps/worker/src/health.js';
import { Log } from '../../apps/worker/src/log.js';
import { WorkerModule } from '../../apps/worker/src/worker.module.js';
import { testTemporal, testWorkflows } from './temporal.js';

export interface RunningWorker {
  /** of its health door */
  readonly url: string;
  /** what the worker logged, and what Temporal's SDK logged beneath it, at debug */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

type Given = Pick<Config, 'databaseUrl' | 'secretKeys' | 'signingKey' | 'publicUrl'>;

export async function startWorker(given: Given): Promise<RunningWorker> {
  const lines: string[] = [];
  const { address, namespace } = testTemporal();
  const keepSdk = new DefaultLogger('DEBUG', (entry) => {
    lines.push(JSON.stringify(entry, (_key, value: unknown) => plain(value)));
  });
  const filter = makeTelemetryFilterString({ core: 'DEBUG', other: 'INFO' });
  const telemetryOptions = { logging: { filter, forward: {} } };
  Runtime.install({ shutdownSignals: [], logger: keepSdk, telemetryOptions });
  const config: Config = {
    ...given,
    temporalAddress: address,
    temporalNamespace: namespace,
    queuePrefix: `t${randomBytes(5).toString('hex')}-`,
    workflowBundle: testWorkflows(),
    host: '127.0.0.1',
    port: 0,
    privateHosts: ['*'],
    engineConnections: 8,
    relayConcurrency: 20,
    deliverConcurrency: 20,
    cachedWorkflows: 50,
    lagLimitMs: 30_000,
    afterRestore: false,
    retention: {
      logDays: 7,
      eventDays: null,
      quarantineDays: 30,
      rejectDays: 30,
      trailDays: 400,
    },
    temporalMetrics: null,
    logLevel: 'debug',
  };
  const app = await startModule(config, lines);
  return {
    url: `http://127.0.0.1:${app.get(HealthDoor).port}`,
    lines,
    close: () => app.close(),
  };
}

async function startModule(config: Config, lines: string[]): Promise<INestApplicationContext> {
  const log = new Log(config.logLevel, { write: (line: string) => void lines.push(line) });
  const onFatal = (error: unknown): void => {
    lines.push(`fatal: ${String(error)}`);
  };
  const module = WorkerModule.with({ config, log, onFatal });
  const options = new NestApplicationContextOptions();
  options.logger = false;
  options.abortOnError = false;
  return NestFactory.createApplicationContext(module, options);
}

function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
