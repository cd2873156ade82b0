/** One thread that compiles one MJML document at a time, loads the compiler once, and can be killed in the middle of a document. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

export interface MjmlReply {
  readonly html: string;
  readonly errors: readonly { readonly line: number; readonly message: string }[];
}

/** Of a document: `invalid` is no MJML, `killed` took more time or memory than it may. */
export type MjmlOutcome = MjmlReply | { readonly refused: 'invalid' | 'killed' };

/** A CommonJS script: what goes in and comes out is text, and no file is opened. */
const WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const compile = require(workerData.path);
const errorsOf = (list) => (list || []).slice(0, 20).map(({ line, message }) => ({ line: Number(line) || 0, message: String(message).slice(0, 300) }));
parentPort.on('message', (source) => {
  compile(source, { validationLevel: 'soft', ignoreIncludes: true, keepComments: false, fonts: {} }).then(
    ({ html, errors }) => parentPort.postMessage({ html, errors: errorsOf(errors) }),
    () => parentPort.postMessage({ refused: 'invalid' }),
  );
});
parentPort.postMessage('ready');
`;

export class MjmlThread {
  private worker: Worker | null = null;
  private ready: Promise<void> = Promise.resolve();
  private tail: Promise<unknown> = Promise.resolve();

  /** One after the other: a burst of templates must not take every core. */
  compile(source: string, limitMs: number): Promise<MjmlOutcome> {
    const turn = this.tail.then(() => this.attempt(source, limitMs));
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  private async attempt(source: string, limitMs: number): Promise<MjmlOutcome> {
    const worker = this.worker ?? this.start();
    // Loading the compiler is our cost and not the document's.
    await this.ready;
    worker.ref();
    const outcome = await answerOf(worker, source, limitMs);
    // An idle thread must not keep a process alive.
    worker.unref();
    if ('refused' in outcome && outcome.refused === 'killed') {
      this.worker = null;
      await worker.terminate();
    }
    return outcome;
  }

  private start(): Worker {
    const worker = new Worker(WORKER_SOURCE, {
      eval: true,
      workerData: { path: createRequire(import.meta.url).resolve('mjml') },
      // No secrets in reach, and none of the parent's loaders or flags.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    });
    this.worker = worker;
    this.ready = new Promise((resolve) => {
      worker.once('message', resolve);
      worker.once('exit', resolve);
    });
    // Out of memory arrives as an error and then as an exit; the exit settles the document.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.worker === worker) this.worker = null;
    });
    return worker;
  }
}

function answerOf(worker: Worker, source: string, limitMs: number): Promise<MjmlOutcome> {
  return new Promise((resolve) => {
    const settle = (outcome: MjmlOutcome): void => {
      clearTimeout(timer);
      worker.off('message', settle);
      worker.off('exit', died);
      resolve(outcome);
    };
    const died = (): void => {
      settle({ refused: 'killed' });
    };
    const timer = setTimeout(died, limitMs);
    worker.once('message', settle);
    worker.once('exit', died);
    worker.postMessage(source);
  });
}
