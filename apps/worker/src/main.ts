import 'reflect-metadata';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { processEnvironment, readConfig, type Config } from './config.js';
import { Log } from './log.js';
import { WorkerModule } from './worker.module.js';

/** The worker process: config or a list of what is wrong with it, then work until told to stop. */
const CONFIG_EXIT = 78;
const read = readConfig(processEnvironment());
if (read.ok) await work(read.config);
else {
  const lines = read.mistakes.map((line) => `  - ${line}`).join('\n');
  process.stderr.write(`The worker cannot start:\n${lines}\n`);
  process.exitCode = CONFIG_EXIT;
}

async function work(config: Config): Promise<void> {
  const log = new Log(config.logLevel);
  installRuntime(config, log);
  const fatal = (error: unknown): never => {
    log.failure(error, {}, 'the worker cannot go on');
    process.exit(1);
  };
  const worker = WorkerModule.with({ config, log, onFatal: fatal });
  const app = await NestFactory.createApplicationContext(worker, quiet()).catch(fatal);
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'stopping');
    // Nest's own hooks would end the process by the signal; who stops us on purpose wants to read 0.
    app.close().then(() => process.exit(0), fatal);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** Our own log says what is worth saying, and a failed start is reported above. */
function quiet(): NestApplicationContextOptions {
  const options = new NestApplicationContextOptions();
  options.logger = false;
  options.abortOnError = false;
  return options;
}

/** Once, before any connection. The SDK must leave signals to us, or two parties would end one process. */
function installRuntime({ temporalMetrics }: Config, log: Log): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message }) => {
      log.warn({ level, from: 'temporal' }, message);
    }),
    ...(temporalMetrics === null
      ? {}
      : { telemetryOptions: { metrics: { prometheus: { bindAddress: temporalMetrics } } } }),
  });
}
