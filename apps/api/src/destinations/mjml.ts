import { compileMjml } from '@throughline/connectors/templates';
import { ThroughlineError } from '@throughline/domain/shared';
import type { TemplateDefinition } from './definitions.schema.js';

/** The HTML of a template that is written in MJML, made now and never again; nothing where it is written otherwise. */
export async function htmlOf({
  mjml,
}: Pick<TemplateDefinition, 'mjml'>): Promise<{ readonly html?: string }> {
  if (mjml === undefined) return {};
  const compiled = await compileMjml(mjml);
  if (compiled.ok) return { html: compiled.html };
  const faults = compiled.faults.map(({ code, message, line }) => ({
    path: 'mjml',
    code,
    message: line === undefined ? message : `line ${line}: ${message}`,
  }));
  throw new ThroughlineError('invalid_definition', undefined, faults);
}
