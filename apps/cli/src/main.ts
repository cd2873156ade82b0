#!/usr/bin/env node
import { processEnvironment, readConfig } from './config.js';
import { EXIT } from './exit-codes.js';
import { run } from './program.js';

/** The command `throughline`. */
const config = readConfig(processEnvironment());
if (config.ok) {
  const { stdin, stdout, stderr } = process;
  process.exitCode = await run(process.argv.slice(2), {
    config: config.value,
    stdin,
    stdout,
    stderr,
  });
} else {
  process.stderr.write(`${config.fault.join('\n')}\n`);
  process.exitCode = EXIT.usage;
}
