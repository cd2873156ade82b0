/**
 * The body of the render thread. These functions are shipped as source text (`Function.prototype.toString`) and evaluated in the worker, so that the
 * same code runs from `dist` and from TypeScript in a test without an entry file that one of them could not find.
 * Therefore they use nothing but each other and what they are given, and no syntax that a compiler would turn into a helper call.
 */
import type { Liquid, LiquidOptions } from 'liquidjs';
import type { MissingPolicy, RenderResult, TemplatePart } from './types.js';

export interface RenderJob {
  readonly id: number;
  readonly parts: readonly { readonly part: TemplatePart; readonly source: string }[];
  readonly missing: MissingPolicy;
  /** JSON text: it cannot hold functions, getters or prototypes. */
  readonly variables: string;
}

export interface RenderReply {
  readonly id: number;
  readonly result: RenderResult;
}

export interface WorkerRules {
  readonly options: LiquidOptions;
  readonly forbiddenTags: readonly string[];
  readonly outputChars: number;
  readonly subjectChars: number;
  readonly renderLimitMs: number;
  readonly liquidMemory: number;
}

/** The thread's end of the channel, as far as it is used. */
export interface WorkerPort {
  on(event: 'message', listener: (job: RenderJob) => void): unknown;
  postMessage(reply: RenderReply): void;
}

interface Engines {
  readonly plain: Liquid;
  /** For HTML: what a variable holds is text there, never markup. */
  readonly escaping: Liquid;
}

function serve(port: WorkerPort, LiquidClass: typeof Liquid, rules: WorkerRules): void {
  const engines = {
    plain: engineOf(LiquidClass, rules, {}),
    escaping: engineOf(LiquidClass, rules, { outputEscape: 'escape' }),
  };
  port.on('message', (job) => {
    let result: RenderResult;
    try {
      result = renderParts(job, engines, rules);
    } catch (error) {
      result = failureOf(error, job);
    }
    port.postMessage({ id: job.id, result });
  });
}

function engineOf(LiquidClass: typeof Liquid, rules: WorkerRules, extra: LiquidOptions): Liquid {
  const engine = new LiquidClass(Object.assign({}, rules.options, extra));
  for (const tag of rules.forbiddenTags) Reflect.deleteProperty(engine.tags, tag);
  return engine;
}

function renderParts(job: RenderJob, engines: Engines, rules: WorkerRules): RenderResult {
  const made: Partial<Record<TemplatePart, string>> = {};
  for (const { part, source } of job.parts) {
    const scope: unknown = JSON.parse(job.variables);
    const engine = part === 'html' ? engines.escaping : engines.plain;
    const output = String(
      engine.parseAndRenderSync(source, typeof scope === 'object' && scope !== null ? scope : {}, {
        strictVariables: job.missing !== 'default',
        renderLimit: rules.renderLimitMs,
        memoryLimit: rules.liquidMemory,
      }),
    );
    if (output.length > rules.outputChars) {
      return { status: 'failed', code: 'output_too_large', message: `${part} is too large` };
    }
    made[part] = output;
  }
  const subject = oneLine(made.subject === undefined ? '' : made.subject, rules.subjectChars);
  return Object.assign({}, made, { status: 'rendered', subject } as const);
}

/** A subject is one header: whatever could end the line becomes a space. */
function oneLine(text: string, maxChars: number): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, maxChars);
}

/** `{{ a[b] }}` makes a path of what `b` holds, and that may be a person's data: then only the part is told that the template itself says. */
function namedIn(job: RenderJob, path: string): string {
  return job.parts.some(({ source }) => source.includes(path)) ? path : path.replace(/[.[].*$/, '');
}

function failureOf(error: unknown, job: RenderJob): RenderResult {
  const name = error instanceof Error ? error.name : 'Error';
  const message = (error instanceof Error ? error.message : '').slice(0, 300);
  const place = (/line:\d+, col:\d+/.exec(message) || ['unknown place'])[0];
  const path = (/^undefined variable: ([^\s,]+)/.exec(message) || [])[1];
  if (path !== undefined) {
    const missing = namedIn(job, path);
    return job.missing === 'skip'
      ? { status: 'skipped', reason: 'missing_variable', name: missing }
      : { status: 'failed', code: 'missing_variable', message: `missing variable: ${missing}` };
  }
  if (/limit exceeded/.test(message)) {
    const code = /memory/.test(message) ? 'render_memory' : 'render_timeout';
    return { status: 'failed', code, message: `limit exceeded at ${place}` };
  }
  // A syntax error quotes the template; an error while rendering may quote a person's data, so only its place is told.
  return name === 'ParseError' || name === 'TokenizationError'
    ? { status: 'failed', code: 'template_invalid', message }
    : { status: 'failed', code: 'render_error', message: `cannot be rendered at ${place}` };
}

/** A CommonJS script for `new Worker(…, { eval: true })`; says hello with id 0 once it can work. */
export const WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { Liquid } = require(workerData.liquidPath);
${[serve, engineOf, renderParts, oneLine, namedIn, failureOf].map(String).join('\n')}
serve(parentPort, Liquid, workerData.rules);
parentPort.postMessage({ id: 0 });
`;
