/** The options of `npm start`, and what is wrong with them in a sentence. */
import { parseArgs } from 'node:util';
import { Failure, messageOf } from './failure.js';
import type { StackPorts } from './stack/stack.js';

export interface StartOptions {
  readonly reset: boolean;
  readonly ports: Required<StackPorts> & {
    readonly mail: number;
    readonly smtp: number;
    readonly hook: number;
  };
}

const PORTS = {
  'api-port': 8080,
  'worker-port': 8081,
  'postgres-port': 5433,
  'temporal-port': 7233,
  'temporal-ui-port': 8233,
  'mail-port': 8025,
  'smtp-port': 1025,
  'hook-port': 8026,
} as const;

type PortFlag = keyof typeof PORTS;

export function readStartOptions(args: readonly string[]): StartOptions {
  const { values } = parse(args);
  const port = (flag: PortFlag): number => {
    const text = values[flag];
    if (typeof text !== 'string') return PORTS[flag];
    const number = Number(text);
    if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
    throw wrong(`--${flag} takes a port number, not "${text}".`);
  };
  return {
    reset: values.reset === true,
    ports: {
      api: port('api-port'),
      worker: port('worker-port'),
      postgres: port('postgres-port'),
      temporal: port('temporal-port'),
      temporalUi: port('temporal-ui-port'),
      mail: port('mail-port'),
      smtp: port('smtp-port'),
      hook: port('hook-port'),
    },
  };
}

function parse(args: readonly string[]) {
  const port = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        reset: { type: 'boolean' },
        'api-port': port,
        'worker-port': port,
        'postgres-port': port,
        'temporal-port': port,
        'temporal-ui-port': port,
        'mail-port': port,
        'smtp-port': port,
        'hook-port': port,
      },
    });
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

function wrong(sentence: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence,
    command: 'npm start',
    details: [
      `Options: --reset, ${Object.keys(PORTS)
        .map((flag) => `--${flag} N`)
        .join(', ')}.`,
    ],
  });
}
