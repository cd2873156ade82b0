/** What is wrong with a template before anyone is mailed: asked when it is saved. Parses only, renders nothing. */
import { Liquid } from 'liquidjs';
import { FORBIDDEN_TAGS, LIMITS, LIQUID_OPTIONS } from './liquid-rules.js';
import type { EmailTemplate, TemplateFault, TemplatePart } from './types.js';

export function checkTemplate(template: EmailTemplate): readonly TemplateFault[] {
  const { subject, html, text } = template;
  const faults: TemplateFault[] = [];
  if (subject.trim() === '') faults.push(emptyFault('subject', 'the subject is empty'));
  if (html === undefined && text === undefined) faults.push(emptyFault('html', 'there is no body'));
  const parts: readonly (readonly [TemplatePart, string | undefined])[] = [
    ['subject', subject],
    ['html', html],
    ['text', text],
  ];
  const engine = parser();
  return faults.concat(
    parts.flatMap(([part, source]) =>
      source === undefined ? [] : checkPart(engine, part, source),
    ),
  );
}

function checkPart(engine: Liquid, part: TemplatePart, source: string): readonly TemplateFault[] {
  if (source.length > LIMITS.templateChars) {
    const message = `longer than ${LIMITS.templateChars} characters`;
    return [{ part, code: 'too_large', message }];
  }
  try {
    engine.parse(source);
    return [];
  } catch (error) {
    return [faultOf(part, error)];
  }
}

function parser(): Liquid {
  const engine = new Liquid({ ...LIQUID_OPTIONS, parseLimit: LIMITS.templateChars });
  for (const tag of FORBIDDEN_TAGS) Reflect.deleteProperty(engine.tags, tag);
  return engine;
}

function faultOf(part: TemplatePart, error: unknown): TemplateFault {
  const full = error instanceof Error ? error.message : 'cannot be parsed';
  const line = /, line:(\d+)/.exec(full)?.[1];
  const message = full.replace(/, line:\d+, col:\d+.*$/s, '').slice(0, 300);
  const tag = /tag "([^"]+)" not found/.exec(message)?.[1];
  const forbidden = FORBIDDEN_TAGS.some((known) => known === tag);
  return {
    part,
    code: forbidden ? 'forbidden_tag' : 'syntax',
    message: forbidden ? `the tag ${tag ?? ''} is not available` : message,
    ...(line === undefined ? {} : { line: Number(line) }),
  };
}

function emptyFault(part: TemplatePart, message: string): TemplateFault {
  return { part, code: 'empty', message };
}
