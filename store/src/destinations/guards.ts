/** From the row that was read to the answer of the domain: may this effect go out, now? */
import {
  addressOn,
  consentAsked,
  decideCap,
  capHorizonMs,
  decideSend,
  type CapVerdict,
  type SendDecision,
} from '@throughline/domain/destinations';
import {
  classOf,
  quietUntil,
  routesOf,
  type JourneyDefinition,
  type MessageChannel,
  type MessageStep,
  type Route,
  type SendStep,
} from '@throughline/domain/journeys';
import { InvariantBroken } from '@throughline/domain/shared';
import { Superseded } from '../journeys/customer-lock.js';
import { journeyVersion } from '../journeys/definition-cache.js';
import type { Queryable } from '../shared/index.js';
import { addressHash } from './hashes.js';
import { readGuards, type GuardRow } from './read-guards.js';
import { readSends } from './read-sends.js';
import type { DeliveryRequest } from './types.js';

export interface Guarded {
  readonly row: GuardRow;
  readonly definition: JourneyDefinition;
  readonly step: MessageStep | SendStep;
  /** the ways of a message, and which of them is looked at; none of a step that speaks to a system */
  readonly routes: readonly Route[];
  readonly route: number;
  readonly connection: string;
  readonly template: string | null;
  readonly channel: MessageChannel | null;
  readonly purpose: string | null;
  /** the channel whose consent is asked for */
  readonly consentOn: string | null;
  readonly address: string | null;
  readonly expiresAt: number;
  readonly decision: SendDecision;
}

/** Null: the run is not at this step any more, so there is nothing to do and nothing to report. */
export async function guard(
  client: Queryable,
  request: DeliveryRequest,
  locked: {
    readonly subjectId: string;
    readonly address?: string | null;
    /** default: the way that the row is on */
    readonly route?: number;
  },
): Promise<Guarded | null> {
  const row = await readGuards(client, request, locked.subjectId);
  if (request.generation < row.generation) throw new Superseded('older_generation');
  const { place } = row.run_state;
  const isHere =
    place.kind === 'delivering' && place.step === request.step && place.visit === request.visit;
  if (!isHere || row.seq !== request.seq) return null;
  const definition = await journeyVersion(client, {
    workspaceId: request.workspaceId,
    key: row.journey_key,
    version: row.version,
  });
  const step = sendingStep(definition, request.step);
  const way = wayOf(step, locked.route ?? row.delivery_route ?? 0);
  const { channel } = way;
  const asked = consentAsked(definition, channel === null ? step : { kind: 'message', channel });
  const purpose = asked?.purpose ?? null;
  const consentOn = asked?.channel ?? null;
  const address = locked.address === undefined ? addressOf(row, channel) : locked.address;
  const { expiresAt } = place;
  const facts = { row, definition, step, ...way, purpose, consentOn, address, expiresAt };
  return {
    ...facts,
    decision: decide(facts, {
      suppressed: await isSuppressed(client, request.workspaceId, facts),
      cap: await capOf(client, request, facts),
    }),
  };
}

type Facts = Omit<Guarded, 'decision'>;

function decide(
  { row, definition, step, connection, channel, purpose, consentOn, address, expiresAt }: Facts,
  { suppressed, cap }: { readonly suppressed: boolean; readonly cap: CapVerdict },
): SendDecision {
  if (row.journey_state === 'stopped') return { kind: 'skip', reason: 'journey_stopped' };
  return decideSend({
    purpose,
    consentOn,
    channel,
    address,
    suppressed,
    expiresAt,
    consents: row.consents ?? [],
    revocationPending: isRevoked(row, purpose, consentOn),
    exitRequested: row.exit_request !== null || row.exit_asked,
    ended: row.state === 'ended',
    now: row.now,
    sentByMerged: row.shared_send || (row.merged_sends ?? []).length > 0,
    stop: stopOf(row, { journey: definition.key, connection }),
    paused: row.journey_state === 'paused',
    laneLagMs: laneLag(row),
    quietUntil: quietUntil({ definition, step }, row.traits, row.now),
    cap,
    onCapped: step.kind === 'message' ? (step.onCapped ?? 'skip') : 'skip',
  });
}

function sendingStep(definition: JourneyDefinition, id: string): MessageStep | SendStep {
  const step = definition.steps[id];
  if (step?.kind === 'message' || step?.kind === 'sendToDestination') return step;
  throw new InvariantBroken(`a run delivers at ${id}, which sends nothing`);
}

type Way = Pick<Guarded, 'routes' | 'route' | 'connection' | 'template' | 'channel'>;

function wayOf(step: MessageStep | SendStep, at: number): Way {
  if (step.kind === 'sendToDestination')
    return { routes: [], route: 0, connection: step.connection, template: null, channel: null };
  const routes = routesOf(step);
  const route = routes[at];
  if (route === undefined) throw new InvariantBroken(`a message has no way number ${at}`);
  return { routes, route: at, ...route };
}

function addressOf({ traits, contacts }: GuardRow, channel: MessageChannel | null): string | null {
  return channel === null ? null : addressOn(channel, traits, contacts ?? []);
}

async function isSuppressed(
  client: Queryable,
  workspaceId: string,
  { channel, address }: Facts,
): Promise<boolean> {
  if (channel === null || address === null) return false;
  const { rowCount } = await client.query({
    name: 'is-suppressed',
    text: 'select from suppression where workspace_id = $1 and channel = $2 and address_hash = $3',
    values: [workspaceId, channel, addressHash(channel, address)],
  });
  return (rowCount ?? 0) > 0;
}

/** Counted from the ledger under the customer's lock, so that two reservations at once cannot both take the last place. */
async function capOf(
  client: Queryable,
  request: DeliveryRequest,
  { row, step, channel }: Facts,
): Promise<CapVerdict> {
  if (row.caps === null || step.kind !== 'message' || channel === null) return { kind: 'free' };
  const message = { channel, class: classOf(step), now: row.now };
  const horizon = capHorizonMs(row.caps, message);
  if (horizon === 0) return { kind: 'free' };
  const sends = await readSends(client, request, {
    subjectId: row.subject_id,
    channel,
    since: row.now - horizon,
  });
  return decideCap(row.caps, message, sends);
}

/** A revocation of everything (`*`) counts for each purpose and channel. */
function isRevoked({ pending }: GuardRow, purpose: string | null, channel: string | null): boolean {
  return (pending ?? []).some(
    (one) => ['*', purpose].includes(one.purpose) && ['*', channel].includes(one.channel),
  );
}

function stopOf(
  { stops }: GuardRow,
  { journey, connection }: { journey: string; connection: string },
) {
  if (stops.includes('workspace:')) return 'workspace';
  if (stops.includes(`journey:${journey}`)) return 'journey';
  return stops.includes(`connection:${connection}`) ? 'connection' : null;
}

/** How old what the lane has read is, while there is something that it has not read. */
function laneLag({ lane_position, lane_clock, log_position, now }: GuardRow): number {
  if (lane_position === null || lane_clock === null || log_position === null) return 0;
  return lane_position < log_position ? now - lane_clock : 0;
}
