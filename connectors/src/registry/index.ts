/** Every connector there is. Adding one is a folder and a line here. */
import { z } from 'zod';
import { airshipPush } from '../airship-push/index.js';
import { batchPush } from '../batch-push/index.js';
import { csvS3 } from '../csv-s3/index.js';
import type { ConnectorCategory, ConnectorDefinition } from '../kit/define-connector.js';
import { googleDataManager } from '../google-data-manager/index.js';
import { hubspot } from '../hubspot/index.js';
import { klaviyo } from '../klaviyo/index.js';
import { metaConversions } from '../meta-conversions/index.js';
import { metaCustomAudiences } from '../meta-custom-audiences/index.js';
import { smtpEmail } from '../smtp-email/index.js';
import { slack } from '../slack/index.js';
import { snapchatAudiences } from '../snapchat-audiences/index.js';
import { twilioSms } from '../twilio-sms/index.js';
import { webhook } from '../webhook/index.js';

export const connectors: Readonly<Record<string, ConnectorDefinition>> = Object.freeze({
  'airship-push': airshipPush,
  'batch-push': batchPush,
  'csv-s3': csvS3,
  'google-data-manager': googleDataManager,
  hubspot,
  klaviyo,
  'meta-conversions': metaConversions,
  'meta-custom-audiences': metaCustomAudiences,
  'smtp-email': smtpEmail,
  'snapchat-audiences': snapchatAudiences,
  slack,
  'twilio-sms': twilioSms,
  webhook,
});

/** The connector of this key; keys come from stored definitions, so `constructor` and its like must find nothing. */
export function findConnector(key: string): ConnectorDefinition | undefined {
  return Object.hasOwn(connectors, key) ? connectors[key] : undefined;
}

export interface ConnectorDescription {
  readonly key: string;
  readonly name: string;
  readonly category: ConnectorCategory;
  readonly docsUrl: string;
  /** Whether a repeat of an attempt with an unknown end is harmless. */
  readonly idempotency: 'key' | 'none';
  /** JSON Schema; secret fields carry `"secret": true`. */
  readonly settings: JsonSchema;
  readonly actions: readonly ActionDescription[];
}

export interface ActionDescription {
  readonly name: string;
  readonly title: string;
  readonly input: JsonSchema;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export function describeConnectors(): readonly ConnectorDescription[] {
  return Object.values(connectors).map((definition) => ({
    key: definition.key,
    name: definition.name,
    category: definition.category,
    docsUrl: definition.docsUrl,
    idempotency: definition.idempotency,
    settings: schemaOf(definition.settings),
    actions: Object.entries(definition.actions).map(([name, action]) => ({
      name,
      title: action.title,
      input: schemaOf(action.input),
    })),
  }));
}

const SettingsFields = z.record(z.string(), z.looseObject({ secret: z.boolean().optional() }));

/** Names of the settings that are stored encrypted and never shown again. */
export function secretFields(definition: ConnectorDefinition): readonly string[] {
  const fields = SettingsFields.parse(schemaOf(definition.settings)['properties']);
  return Object.entries(fields)
    .filter(([, field]) => field.secret === true)
    .map(([name]) => name);
}

export const REDACTED = '********';

/** The settings as they may be shown: which secrets are set, and nothing about what they are. */
export function redactSettings(
  definition: ConnectorDefinition,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const secret = new Set(secretFields(definition));
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, secret.has(name) ? REDACTED : value]),
  );
}

/** Closes what the connectors keep open between calls. */
export async function closeConnectors(): Promise<void> {
  await Promise.all(Object.values(connectors).map((definition) => definition.close()));
}

function schemaOf(schema: z.core.$ZodType): JsonSchema {
  return { ...z.toJSONSchema(schema, { io: 'input' }) };
}
