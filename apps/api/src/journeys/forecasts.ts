import { Injectable } from '@nestjs/common';
import type { JourneyDefinition } from '@throughline/domain/journeys';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { ThroughlineError, type JsonObject } from '@throughline/domain/shared';
import {
  createSimulation,
  measureBlastRadius,
  planSimulation,
  readPublishLimit,
  readSimulation,
  type MeasuredRadius,
  type SimulationRow,
} from '@throughline/store/journeys';
import type { Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Definitions } from '../common/definitions.js';
import { namedBody, parseDocument } from '../common/documents.js';
import { found } from '../common/params.js';
import type { SimulateBody } from './forecast.dto.js';

/** Somebody waits for the answer: fewer people than a simulation of its own, and a shorter time. */
const RADIUS_CUSTOMERS = 2_000;
const RADIUS_DAYS = 7;

/** What a journey would do, told from what has been: simulations that are worked off by runs, and the radius of a publication. */
@Injectable()
export class Forecasts {
  constructor(
    private readonly database: Database,
    private readonly definitions: Definitions,
  ) {}

  async begin(caller: Caller, key: string, asked: SimulateBody): Promise<SimulationRow> {
    const { version = null, days, maxCustomers } = asked;
    const definition = await this.definitionOf(caller, key, asked);
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      const wanted = { definition, days, maxCustomers };
      const plan = await planSimulation(client, workspaceId, wanted);
      const row = await createSimulation(client, workspaceId, {
        journeyKey: key,
        version,
        days,
        plan,
        createdBy: actor,
      });
      await audit('journey.simulate', key, { simulation: row.simulationId, days });
      return row;
    });
  }

  async read(caller: Caller, key: string, id: string): Promise<SimulationRow> {
    const row = found(
      await this.database.read(caller, (client, workspaceId) =>
        readSimulation(client, workspaceId, id),
      ),
    );
    if (row.journeyKey !== key) throw new ThroughlineError('not_found');
    return row;
  }

  async radius(caller: Caller, key: string, days: number): Promise<Radius> {
    const draft = await this.definitions.read(caller, { kind: 'journey', key });
    return this.measure(caller, parseDocument(JourneyDefinitionSchema, draft.body), days);
  }

  /** Refuses a publication that would send more in a day than the workspace allows without somebody's word for it. */
  async admit(caller: Caller, body: JsonObject): Promise<void> {
    const parsed = JourneyDefinitionSchema.safeParse(body);
    // Publishing says itself what is wrong with it.
    if (!parsed.success) return;
    const { radius, limit } = await this.measure(caller, parsed.data, RADIUS_DAYS);
    const { messages, enters } = radius;
    if (messages.busiestDay <= limit) return;
    const fault = {
      path: 'messages',
      code: 'blast_radius',
      message: `${messages.busiestDay} messages on the busiest of the last ${radius.days} days, ${messages.perDay} a day, from ${enters.perDay} entries a day`,
    };
    throw new ThroughlineError(
      'confirmation_required',
      `Going by the last ${radius.days} days, up to ${messages.busiestDay} messages would go out in a day; the limit is ${limit}. Publish with confirm=true to do so.`,
      [fault],
    );
  }

  private async measure(
    caller: Caller,
    definition: JourneyDefinition,
    days: number,
  ): Promise<Radius> {
    const wanted = { definition, days, maxCustomers: RADIUS_CUSTOMERS };
    return {
      radius: await measureBlastRadius(this.database.app, caller.workspaceId, wanted),
      limit: await this.database.read(caller, readPublishLimit),
    };
  }

  private async definitionOf(
    caller: Caller,
    key: string,
    { version, definition }: SimulateBody,
  ): Promise<JourneyDefinition> {
    const ref = { kind: 'journey', key } as const;
    if (definition !== undefined)
      return parseDocument(JourneyDefinitionSchema, namedBody(key, definition));
    const stored =
      version === undefined
        ? await this.definitions.read(caller, ref)
        : await this.definitions.version(caller, ref, version);
    return parseDocument(JourneyDefinitionSchema, stored.body);
  }
}

export interface Radius {
  readonly radius: MeasuredRadius;
  readonly limit: number;
}
