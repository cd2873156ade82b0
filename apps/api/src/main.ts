import { Log } from './common/log.js';
import { processEnvironment, readConfig } from './config.js';
import { createApi } from './create-api.js';

/** The API process: config or a list of what is wrong with it, then serve until told to stop. */
const read = readConfig(processEnvironment());
if (read.ok) {
  const log = new Log(read.config.logLevel);
  const api = await createApi(read.config, log);
  const address = await api.listen();
  log.info({ ...address }, 'listening');
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'stopping');
    api.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.failure(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} else {
  process.stderr.write(
    `The API cannot start:\n${read.mistakes.map((line) => `  - ${line}`).join('\n')}\n`,
  );
  process.exitCode = 78;
}
