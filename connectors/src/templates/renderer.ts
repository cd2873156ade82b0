/**
 * Renders templates of strangers. Liquid's own limits are cooperative and have been walked around before, so rendering happens in a thread
 * that is killed when its time is up and whose heap is capped; the thread is replaced and nobody else notices.
 */
import { LIMITS } from './liquid-rules.js';
import { RenderThread, type ThreadOutcome } from './render-thread.js';
import type { RenderJob } from './render-worker.js';
import type { EmailTemplate, RenderResult } from './types.js';

export interface RendererOptions {
  /** The hard limit of one rendering, subject and bodies together. */
  readonly limitMs?: number;
  /**
   * A rendering that ran out of time gets one more try, alone on a new thread, with this limit: on a machine that is busy elsewhere an innocent
   * template can lose its slice of time, and a mail must not be lost over that. 0 turns it off.
   */
  readonly secondTryMs?: number;
  readonly threads?: number;
}

export interface Renderer {
  render(
    template: EmailTemplate,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<RenderResult>;
  close(): Promise<void>;
}

export function createRenderer(options: RendererOptions = {}): Renderer {
  const { limitMs = 200, secondTryMs = 1_000, threads = 1 } = options;
  const lanes = Array.from({ length: threads }, () => new RenderLane({ limitMs, secondTryMs }));
  return {
    render: (template, variables) => {
      const job = jobOf(template, variables);
      return 'status' in job ? Promise.resolve(job) : shortest(lanes).render(job);
    },
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

type Job = Omit<RenderJob, 'id'>;

/** One thread and the queue in front of it. */
class RenderLane {
  private thread: RenderThread | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;
  waiting = 0;

  constructor(
    private readonly limits: { readonly limitMs: number; readonly secondTryMs: number },
  ) {}

  async render(job: Job): Promise<RenderResult> {
    this.waiting += 1;
    const turn = this.tail.then(() => this.attempt(job));
    // The next in line waits for this one to be over, however it ends.
    this.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.waiting -= 1;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.thread?.kill();
  }

  private async attempt(job: Job): Promise<RenderResult> {
    const { limitMs, secondTryMs } = this.limits;
    const first = await this.run(job, limitMs);
    const outcome = timedOut(first) && secondTryMs > 0 ? await this.run(job, secondTryMs) : first;
    if (outcome.kind === 'result') return outcome.result;
    if (this.closed) return failed('renderer_closed', 'the renderer was closed');
    return outcome.kind === 'timeout'
      ? failed('render_timeout', 'rendering took too long')
      : failed('render_memory', 'rendering took too much memory');
  }

  private async run(job: Job, limitMs: number): Promise<ThreadOutcome> {
    if (this.closed) return { kind: 'died' };
    if (this.thread === undefined || this.thread.dead) {
      this.thread = new RenderThread(Math.max(this.limits.limitMs, this.limits.secondTryMs));
    }
    return this.thread.run(job, limitMs);
  }
}

function timedOut(outcome: ThreadOutcome): boolean {
  return outcome.kind === 'timeout';
}

function shortest(lanes: readonly RenderLane[]): RenderLane {
  return lanes.reduce((best, lane) => (lane.waiting < best.waiting ? lane : best));
}

function failed(
  code: 'renderer_closed' | 'render_timeout' | 'render_memory',
  message: string,
): RenderResult {
  return { status: 'failed', code, message };
}

/** The job, or the refusal when it would not fit. */
function jobOf(
  template: EmailTemplate,
  variables: Readonly<Record<string, unknown>>,
): Job | RenderResult {
  const parts = partsOf(template);
  if (parts.some(({ source }) => source.length > LIMITS.templateChars)) {
    return { status: 'failed', code: 'template_invalid', message: 'the template is too large' };
  }
  const text = asJson(variables);
  if (text === undefined || Buffer.byteLength(text) > LIMITS.variablesBytes) {
    return {
      status: 'failed',
      code: 'variables_too_large',
      message: 'the variables are too large or not JSON',
    };
  }
  return { parts, missing: template.missing ?? 'default', variables: text };
}

function partsOf({ subject, html, text }: EmailTemplate): Job['parts'] {
  return [
    { part: 'subject', source: subject },
    ...(html === undefined ? [] : [{ part: 'html', source: html } as const]),
    ...(text === undefined ? [] : [{ part: 'text', source: text } as const]),
  ];
}

/** A trait that is null is a trait that is not there: the policy for missing variables must see it so. */
function asJson(variables: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return JSON.stringify(variables, (_key, value: unknown) =>
      value === null ? undefined : value,
    );
  } catch {
    return undefined;
  }
}
