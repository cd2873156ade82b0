/**
 * The one shape of a connector. Its schemas feed validation, the settings form and the API document; its actions are erased to a common form,
 * so that the registry can hold connectors whose settings and inputs have nothing in common.
 */
import type { MessageChannel } from '@throughline/domain/journeys';
import { z } from 'zod';
import type { RefreshGrant } from './access-token.js';
import type { AudienceCapability } from './audience.js';
import type { RunContext } from './context.js';
import type { DeliveryFault, Idempotency } from './faults.js';
import type { HttpPlan, HttpResponse } from './http-plan.js';
import type { DeliveryItem, ItemResult } from './results.js';

export type ConnectorCategory = 'audience' | 'event' | 'message' | 'storage' | 'stream' | 'webhook';

export type ConnectorAuth = 'none' | 'apiKey' | 'basic' | 'signature' | 'oauth2';

export interface ConnectorLimits {
  /** Most items in one call of `build` or `run`. */
  readonly maxItems: number;
  /** Most bytes of input in one call; a single item above it is refused. */
  readonly maxBytes: number;
  readonly concurrency: number;
  /** From the first byte of a request to the last of its answer. */
  readonly timeoutMs: number;
  /** Of one connection, in each process; more wait for their turn. */
  readonly requestsPerSecond?: number;
}

export interface ActionJob<Settings> {
  readonly connector: ConnectorRules;
  readonly settings: Settings;
  readonly items: readonly DeliveryItem[];
  readonly ctx: RunContext;
  /** What access tokens are made from, where the connector works with them. */
  readonly grant?: RefreshGrant;
}

/** An action whose input type is known only inside. */
export interface Action<Settings> {
  readonly title: string;
  readonly input: z.ZodType;
  perform(job: ActionJob<Settings>): Promise<readonly ItemResult[]>;
  /** What would be sent; absent where an action does not speak HTTP. */
  readonly plan?: (
    items: readonly DeliveryItem[],
    settings: Settings,
    nowMs: number,
  ) => readonly HttpPlan[];
}

export interface ConnectorRules {
  readonly key: string;
  readonly limits: ConnectorLimits;
  readonly idempotency: Idempotency;
  /** Gets the delivery key as a quoted string, as the Idempotency-Key draft has it, on requests that carry one item. */
  readonly idempotencyHeader?: string;
  /** Sees that the vendor slows us down, where it does not say so by 429 and Retry-After. Comes before `read`. */
  readonly rateLimitOf?: (response: HttpResponse, nowMs: number) => RateLimit | undefined;
}

export interface RateLimit {
  readonly afterMs?: number;
}

export type CheckResult =
  { readonly ok: true } | { readonly ok: false; readonly fault: DeliveryFault };

export interface ConnectorSpec<Schema extends z.ZodObject> extends ConnectorRules {
  readonly name: string;
  readonly category: ConnectorCategory;
  /** Where it carries messages to people, and only there. */
  readonly channel?: MessageChannel;
  readonly docsUrl: string;
  readonly auth: ConnectorAuth;
  /** Secrets are tagged `.meta({ secret: true })`. */
  readonly settings: Schema;
  readonly actions: Readonly<Record<string, Action<z.output<Schema>>>>;
  /** Absent where a system cannot be told. */
  readonly erase?: EraseCapability;
  /** Present where lists of people are kept. */
  readonly audience?: AudienceCapability;
  /** With `auth: 'oauth2'`: requests get a bearer token that is made from this, kept, and renewed when it is refused. */
  readonly grant?: (settings: z.output<Schema>) => RefreshGrant;
  /** A cheap call that changes nothing: do these settings work? */
  check(settings: z.output<Schema>, ctx: RunContext): Promise<CheckResult>;
  /** Lets go of what is kept open between calls. */
  close?(): Promise<void>;
}

/** Somebody who is to be forgotten: by our ids alone, all that they ever had. */
export interface ErasedPerson {
  readonly customerIds: readonly string[];
  /** ms since epoch */
  readonly at: number;
}

/** How a system is told that somebody is to be forgotten. */
export interface EraseCapability {
  readonly action: string;
  input(erased: ErasedPerson): unknown;
}

/** An action bound to settings that have been parsed. */
export interface BoundAction {
  perform(items: readonly DeliveryItem[], ctx: RunContext): Promise<readonly ItemResult[]>;
  readonly plan?: (items: readonly DeliveryItem[], nowMs: number) => readonly HttpPlan[];
}

export type OpenResult =
  | { readonly ok: true; readonly connection: OpenConnection }
  | { readonly ok: false; readonly issues: readonly SettingsIssue[] };

export interface SettingsIssue {
  readonly path: string;
  readonly message: string;
}

export interface OpenConnection {
  action(name: string): BoundAction | undefined;
  check(ctx: RunContext): Promise<CheckResult>;
}

export interface ActionInfo {
  readonly title: string;
  readonly input: z.ZodType;
}

export interface ConnectorDefinition extends ConnectorRules {
  readonly name: string;
  readonly category: ConnectorCategory;
  readonly channel?: MessageChannel;
  readonly docsUrl: string;
  readonly auth: ConnectorAuth;
  readonly settings: z.ZodObject;
  readonly actions: Readonly<Record<string, ActionInfo>>;
  readonly erase?: EraseCapability;
  readonly audience?: AudienceCapability;
  open(settings: unknown): OpenResult;
  close(): Promise<void>;
}

export function defineConnector<Schema extends z.ZodObject>(
  spec: ConnectorSpec<Schema>,
): ConnectorDefinition {
  return {
    ...rulesOf(spec),
    name: spec.name,
    category: spec.category,
    ...(spec.channel === undefined ? {} : { channel: spec.channel }),
    docsUrl: spec.docsUrl,
    auth: spec.auth,
    settings: spec.settings,
    actions: spec.actions,
    ...(spec.erase === undefined ? {} : { erase: spec.erase }),
    ...(spec.audience === undefined ? {} : { audience: spec.audience }),
    open: (settings) => openConnection(spec, settings),
    close: async () => {
      await spec.close?.();
    },
  };
}

function openConnection<Schema extends z.ZodObject>(
  spec: ConnectorSpec<Schema>,
  settings: unknown,
): OpenResult {
  const parsed = z.safeParse(spec.settings, settings);
  if (!parsed.success) return { ok: false, issues: issuesOf(parsed.error.issues) };
  const { data } = parsed;
  const grant = spec.grant?.(data);
  const job = { connector: spec, settings: data, ...(grant === undefined ? {} : { grant }) };
  return {
    ok: true,
    connection: {
      action: (name) =>
        bind(Object.hasOwn(spec.actions, name) ? spec.actions[name] : undefined, job),
      check: (ctx) => spec.check(data, ctx),
    },
  };
}

function bind<Settings>(
  action: Action<Settings> | undefined,
  job: Omit<ActionJob<Settings>, 'items' | 'ctx'>,
): BoundAction | undefined {
  if (action === undefined) return undefined;
  const { plan } = action;
  return {
    perform: (items, ctx) => action.perform({ ...job, items, ctx }),
    ...(plan === undefined ? {} : { plan: (items, nowMs) => plan(items, job.settings, nowMs) }),
  };
}

function rulesOf(spec: ConnectorRules): ConnectorRules {
  const { key, limits, idempotency, idempotencyHeader, rateLimitOf } = spec;
  return {
    key,
    limits,
    idempotency,
    ...(idempotencyHeader === undefined ? {} : { idempotencyHeader }),
    ...(rateLimitOf === undefined ? {} : { rateLimitOf }),
  };
}

/** Paths and rules only: a wrong value may be a secret put in the wrong field. */
function issuesOf(issues: readonly z.core.$ZodIssue[]): readonly SettingsIssue[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
}
