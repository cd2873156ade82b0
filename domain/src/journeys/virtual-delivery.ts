import {
  consentAsked,
  decideCap,
  decideSend,
  nextRoute,
  type CapsDocument,
  type SendView,
  type Trial,
} from '../destinations/index.js';
import { assertNever } from '../shared/index.js';
import { quietUntil } from './clock.js';
import { stepAt } from './lookup.js';
import { resolveObject } from './resolve-value.js';
import { classOf } from './steps/message.step.js';
import { routesOf, type Route } from './steps/routes.js';
import type { VirtualPerson } from './virtual-person.js';
import type { DeliveryRow, VirtualRun } from './virtual-run.js';
import type { VirtualDelivery, VirtualInput } from './virtual-world.js';
import type { Command, DeliveryOutcome } from './types.js';

export interface Reservation {
  readonly run: VirtualRun;
  readonly person: VirtualPerson;
  readonly command: Command & { readonly kind: 'deliver' };
  readonly now: number;
}

/** Reserves and, where nothing stands against it, carries out: what the ledger would hold afterwards. */
export function reserve(reservation: Reservation, script: Script): DeliveryRow {
  return reserveOn(reservation, script, 0);
}

type Script = Pick<VirtualInput, 'guards' | 'outcomes' | 'caps'>;

/** By the way of this number; a trial that certainly sent nothing may lead to the next one. */
function reserveOn(reservation: Reservation, script: Script, at: number): DeliveryRow {
  const routes = routesAt(reservation);
  const row = tryRoute({ ...reservation, route: routes[at] ?? null }, script);
  const next = row.state === 'open' ? null : nextRoute(routes, at, trialOf(row.outcome));
  return next === null ? row : reserveOn(reservation, script, next);
}

function trialOf(outcome: DeliveryOutcome): Trial {
  return outcome.kind === 'failed'
    ? { ...outcome, deadAddress: outcome.code === 'hard_bounce' }
    : outcome;
}

function routesAt({ run, command }: Reservation): readonly Route[] {
  const step = stepAt(run.input.definition, command.step);
  return step.kind === 'message' ? routesOf(step) : [];
}

interface Trying extends Reservation {
  /** null: the step speaks to a system */
  readonly route: Route | null;
}

function tryRoute(reservation: Trying, script: Script): DeliveryRow {
  const { now } = reservation;
  const delivery = deliveryOf(reservation);
  const decision = decideSend({
    ...viewOf(reservation, script.caps),
    ...script.guards?.(delivery),
  });
  switch (decision.kind) {
    case 'block':
      return { state: 'open', delivery, blockedBy: decision.by, until: null };
    case 'wait':
      return { state: 'open', delivery, blockedBy: decision.for, until: decision.until };
    case 'skip':
      return {
        state: 'settled',
        delivery,
        outcome: { kind: 'skipped', reason: decision.reason },
        instant: now,
      };
    case 'send': {
      const row = sent(delivery, script);
      countSend(reservation, row);
      return row;
    }
    default:
      return assertNever(decision);
  }
}

function sent(
  delivery: VirtualDelivery,
  { outcomes }: Pick<VirtualInput, 'outcomes'>,
): DeliveryRow {
  const scripted = outcomes?.(delivery) ?? { outcome: { kind: 'accepted' } };
  const { outcome, takesMs = 0, settledAt } = scripted;
  if (takesMs === 0 || settledAt !== undefined)
    return { state: 'settled', delivery, outcome, instant: settledAt ?? delivery.at };
  return { state: 'under_way', delivery, outcome, settlesAt: delivery.at + takesMs };
}

/** What the ledger keeps in mind for caps: all that went out, or may have. */
function countSend({ run, person, command, now, route }: Trying, row: DeliveryRow): void {
  const step = stepAt(run.input.definition, command.step);
  if (step.kind !== 'message' || route === null || row.state === 'open') return;
  if (row.outcome.kind === 'accepted' || row.outcome.kind === 'unknown')
    person.sends.push({ channel: route.channel, class: classOf(step), at: now });
}

function viewOf(
  { run, person, command, now, route }: Trying,
  caps: CapsDocument | undefined,
): SendView {
  const { definition } = run.input;
  const step = stepAt(definition, command.step);
  const channel = route?.channel ?? null;
  const asked = consentAsked(
    definition,
    route === null ? step : { kind: 'message', channel: route.channel },
  );
  return {
    purpose: asked?.purpose ?? null,
    consentOn: asked?.channel ?? null,
    channel,
    address: person.address(now, route?.channel),
    consents: person.consents(definition.purpose),
    revocationPending: false,
    suppressed: person.suppressed(now, route?.channel),
    exitRequested: run.exitRequested,
    ended: run.ended,
    expiresAt: command.expiresAt,
    now,
    sentByMerged: false,
    stop: null,
    paused: false,
    laneLagMs: 0,
    quietUntil: quietUntil({ definition, step }, person.view(run.input.trigger).traits, now),
    cap:
      step.kind === 'message' && route !== null
        ? decideCap(
            caps?.rules ?? [],
            { channel: route.channel, class: classOf(step), now },
            person.sends,
          )
        : { kind: 'free' },
    onCapped: step.kind === 'message' ? (step.onCapped ?? 'skip') : 'skip',
  };
}

function deliveryOf({ run, person, command, now, route }: Trying): VirtualDelivery {
  const { enrolmentId, customer, entryKey, definition, trigger } = run.input;
  const { step: id, visit, action } = command;
  const step = stepAt(definition, id);
  return {
    key: `${enrolmentId}:${id}:${visit}`,
    enrolmentId,
    journey: definition.key,
    customer,
    entryKey,
    step: id,
    visit,
    connection: route?.connection ?? command.connection,
    action,
    input:
      step.kind === 'sendToDestination' ? resolveObject(step.input, person.view(trigger)) : null,
    at: now,
  };
}
