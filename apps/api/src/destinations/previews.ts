import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  checkTemplate,
  createRenderer,
  namesRecommendations,
  tagMessage,
  type EmailTemplate,
  type Renderer,
} from '@throughline/connectors/templates';
import { ThroughlineError } from '@throughline/domain/shared';
import { readCustomer } from '@throughline/store/profiles';
import { readRecommendations } from '@throughline/store/recommendations';
import { readDefinition } from '@throughline/store/workspaces';
import type { Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { asJson } from '../common/documents.js';
import { found } from '../common/params.js';
import { TemplateDefinitionSchema, type TemplateDefinition } from './definitions.schema.js';

export interface PreviewRequest {
  readonly key: string;
  readonly customer: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** As many as a send is given. */
const MOST_IN_MESSAGE = 12;

/** A preview must not hold a link that unsubscribes somebody. */
const NOWHERE = 'https://example.com/u/preview';

/** Renders with the same renderer and the same variables as a send, so that a preview keeps its promise. */
@Injectable()
export class Previews implements OnApplicationShutdown {
  private renderer: Renderer | undefined;

  constructor(private readonly database: Database) {}

  async render(caller: Caller, { key, customer, properties }: PreviewRequest) {
    const shown = await this.database.read(caller, async (client, id) => {
      const row = found(await readDefinition(client, id, { kind: 'template', key }));
      const person = found(await readCustomer(client, id, customer));
      const template = TemplateDefinitionSchema.parse(row.body);
      const recommendations = namesRecommendations(emailOf(template))
        ? await readRecommendations(client, id, { customerId: customer, n: MOST_IN_MESSAGE })
        : [];
      return { template, traits: person.traits, recommendations };
    });
    const { template, traits, recommendations } = shown;
    const values = Object.fromEntries(
      Object.entries(traits).map(([name, trait]) => [name, trait.v]),
    );
    this.renderer ??= createRenderer();
    const rendered = await this.renderer.render(emailOf(template), {
      traits: values,
      customer: values,
      trigger: { name: 'Preview', eventTime: Date.now(), properties },
      journey: { key: 'preview', name: 'Preview' },
      unsubscribeUrl: NOWHERE,
      unsubscribe_url: NOWHERE,
      recommendations,
      coupon: 'PREVIEW',
    });
    return tagMessage(rendered, asJson({ utm: template.utm ?? null })['utm'], { key: 'preview' });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.renderer?.close();
  }
}

/** Refuses a template that could never be rendered. */
export function refuseUnrenderable(template: TemplateDefinition): void {
  const mayLackSubject = template.channel !== 'email';
  const all = checkTemplate(emailOf(template)).filter(
    ({ part, code }) => !(mayLackSubject && part === 'subject' && code === 'empty'),
  );
  const link = checkTemplate({ subject: template.deeplink ?? '', text: 'x' })
    .filter(({ code }) => code !== 'empty')
    .map((fault) => ({ ...fault, part: 'deeplink' }) as const);
  const faults = [...all, ...link].map(({ part, code, message, line }) => ({
    path: part,
    code,
    message: line === undefined ? message : `line ${line}: ${message}`,
  }));
  if (faults.length > 0) throw new ThroughlineError('invalid_definition', undefined, faults);
}

function emailOf({ subject, html, text, missing }: TemplateDefinition): EmailTemplate {
  return {
    subject,
    missing,
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
  };
}
