/**
 * MJML to HTML, once, when a template is saved; what is sent is the HTML. Liquid is put aside before and put back after, so that no
 * quote or comparison in it is taken for markup. The compiler is somebody else's code over a stranger's text: it works in a thread
 * of its own, with an end to its time and memory, and never opens a file.
 */
import { LIMITS } from './liquid-rules.js';
import { MjmlThread, type MjmlReply } from './mjml-thread.js';

export interface MjmlFault {
  readonly code: 'mjml_invalid' | 'mjml_include' | 'liquid_lost' | 'too_large' | 'too_slow';
  readonly message: string;
  readonly line?: number;
}

export type CompiledMjml =
  | { readonly ok: true; readonly html: string }
  | { readonly ok: false; readonly faults: readonly MjmlFault[] };

const LIMIT_MS = 10_000;
const thread = new MjmlThread();
const LIQUID = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

const NO_MJML = refused('mjml_invalid', 'not an MJML document');
const TOO_SLOW = refused('too_slow', 'it takes too long, or too much memory, to be made into HTML');

export async function compileMjml(source: string, limitMs = LIMIT_MS): Promise<CompiledMjml> {
  if (source.length > LIMITS.templateChars)
    return refused('too_large', `longer than ${LIMITS.templateChars} characters`);
  if (/<\s*mj-include\b/i.test(source))
    return refused('mjml_include', 'a template stands alone: there is nothing to include');
  const kept: string[] = [];
  const word = wordFor(source);
  const aside = source.replace(LIQUID, (liquid) => markOf(word, kept.push(liquid) - 1, liquid));
  const reply = await thread.compile(aside, limitMs);
  if ('refused' in reply) return reply.refused === 'invalid' ? NO_MJML : TOO_SLOW;
  const back = new Set<number>();
  // In one pass: a template may be nothing but Liquid.
  const html = reply.html.replace(new RegExp(`${word}(\\d+)z`, 'g'), (mark, digits: string) => {
    back.add(Number(digits));
    return kept[Number(digits)] ?? mark;
  });
  const lost = kept.find((_liquid, index) => !back.has(index));
  const faults = [
    ...reply.errors.map(faultOf),
    ...(lost === undefined ? [] : [lostFault(source, lost)]),
  ];
  if (faults.length > 0) return { ok: false, faults };
  if (html.length > LIMITS.templateChars)
    return refused('too_large', `its HTML is longer than ${LIMITS.templateChars} characters`);
  return { ok: true, html };
}

/** A word that the template does not have itself. */
function wordFor(source: string): string {
  let word = 'lqd';
  while (source.includes(word)) word += 'x';
  return word;
}

/** Stands for a piece of Liquid. It has as many lines, so that faults name the right one. */
function markOf(word: string, index: number, liquid: string): string {
  return `${word}${index}z${'\n'.repeat(liquid.split('\n').length - 1)}`;
}

function faultOf({ line, message }: MjmlReply['errors'][number]): MjmlFault {
  return { code: 'mjml_invalid', message, ...(line > 0 ? { line } : {}) };
}

function lostFault(source: string, liquid: string): MjmlFault {
  const line = source.slice(0, source.indexOf(liquid)).split('\n').length;
  const message = `${liquid.slice(0, 60)} stands where MJML has no text: put it into mj-raw`;
  return { code: 'liquid_lost', message, line };
}

function refused(code: MjmlFault['code'], message: string): CompiledMjml {
  return { ok: false, faults: [{ code, message }] };
}
