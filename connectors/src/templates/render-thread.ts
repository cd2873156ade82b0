/** One worker thread that renders one job at a time and can be killed in the middle of it. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { FORBIDDEN_TAGS, LIMITS, LIQUID_OPTIONS } from './liquid-rules.js';
import {
  WORKER_SOURCE,
  type RenderJob,
  type RenderReply,
  type WorkerRules,
} from './render-worker.js';
import type { RenderResult } from './types.js';

const liquidPath = createRequire(import.meta.url).resolve('liquidjs');

export type ThreadOutcome =
  | { readonly kind: 'result'; readonly result: RenderResult }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'died' };

export class RenderThread {
  private readonly worker: Worker;
  private readonly ready: Promise<boolean>;
  private settle: ((outcome: ThreadOutcome) => void) | undefined;
  private jobId = 0;
  dead = false;

  constructor(renderLimitMs: number) {
    this.worker = new Worker(WORKER_SOURCE, {
      eval: true,
      workerData: { liquidPath, rules: rulesFor(renderLimitMs) },
      // No secrets in reach, and none of the parent's loaders or flags.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: LIMITS.heapMb,
        maxYoungGenerationSizeMb: 16,
        stackSizeMb: 4,
      },
    });
    this.ready = new Promise((resolve) => {
      this.worker.once('message', () => {
        resolve(true);
      });
      this.worker.once('exit', () => {
        this.dead = true;
        resolve(false);
        this.settle?.({ kind: 'died' });
      });
    });
    this.worker.on('message', (reply: RenderReply) => {
      if (reply.id === this.jobId) this.settle?.({ kind: 'result', result: reply.result });
    });
    // Out of memory arrives as an error and then as an exit; the exit settles the job.
    this.worker.on('error', () => undefined);
  }

  /** The clock starts once the thread is up: starting is our cost and not the template's. */
  async run(job: Omit<RenderJob, 'id'>, limitMs: number): Promise<ThreadOutcome> {
    this.worker.ref();
    if (!(await this.ready)) return { kind: 'died' };
    this.jobId += 1;
    const answered = new Promise<ThreadOutcome>((resolve) => {
      this.settle = resolve;
    });
    const timer = setTimeout(() => this.settle?.({ kind: 'timeout' }), limitMs);
    this.worker.postMessage({ id: this.jobId, ...job } satisfies RenderJob);
    const outcome = await answered;
    clearTimeout(timer);
    this.settle = undefined;
    // An idle thread must not keep a process alive.
    this.worker.unref();
    if (outcome.kind === 'timeout') await this.kill();
    return outcome;
  }

  async kill(): Promise<void> {
    this.dead = true;
    await this.worker.terminate();
  }
}

function rulesFor(renderLimitMs: number): WorkerRules {
  return {
    options: LIQUID_OPTIONS,
    forbiddenTags: FORBIDDEN_TAGS,
    outputChars: LIMITS.outputChars,
    subjectChars: LIMITS.subjectChars,
    renderLimitMs,
    liquidMemory: LIMITS.liquidMemory,
  };
}
