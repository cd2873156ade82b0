import { decideSend, type SendView } from '../destinations/index.js';
import { assertNever } from '../shared/index.js';
import { stepAt } from './lookup.js';
import { resolveObject } from './resolve-value.js';
import type { VirtualPerson } from './virtual-person.js';
import type { DeliveryRow, VirtualRun } from './virtual-run.js';
import type { VirtualDelivery, VirtualInput } from './virtual-world.js';
import type { Command } from './types.js';

export interface Reservation {
  readonly run: VirtualRun;
  readonly person: VirtualPerson;
  readonly command: Command & { readonly kind: 'deliver' };
  readonly now: number;
}

/** Reserves and, where nothing stands against it, carries out: what the ledger would hold afterwards. */
export function reserve(
  reservation: Reservation,
  script: Pick<VirtualInput, 'guards' | 'outcomes'>,
): DeliveryRow {
  const { now } = reservation;
  const delivery = deliveryOf(reservation);
  const decision = decideSend({ ...viewOf(reservation), ...script.guards?.(delivery) });
  switch (decision.kind) {
    case 'block':
      return { state: 'open', delivery, blockedBy: decision.by };
    case 'skip':
      return {
        state: 'settled',
        delivery,
        outcome: { kind: 'skipped', reason: decision.reason },
        instant: now,
      };
    case 'send':
      return sent(delivery, script);
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

function viewOf({ run, person, command, now }: Reservation): SendView {
  const { definition } = run.input;
  const step = stepAt(definition, command.step);
  return {
    purpose: definition.purpose,
    channel: step.kind === 'message' ? step.channel : null,
    address: person.address,
    consents: person.consents(definition.purpose),
    revocationPending: false,
    suppressed: person.given.suppressed ?? false,
    exitRequested: run.exitRequested,
    ended: run.ended,
    expiresAt: command.expiresAt,
    now,
    sentByMerged: false,
    stop: null,
    paused: false,
    laneLagMs: 0,
  };
}

function deliveryOf({ run, person, command, now }: Reservation): VirtualDelivery {
  const { enrolmentId, customer, entryKey, definition, trigger } = run.input;
  const { step: id, visit, connection, action } = command;
  const step = stepAt(definition, id);
  return {
    key: `${enrolmentId}:${id}:${visit}`,
    enrolmentId,
    journey: definition.key,
    customer,
    entryKey,
    step: id,
    visit,
    connection,
    action,
    input:
      step.kind === 'sendToDestination' ? resolveObject(step.input, person.view(trigger)) : null,
    at: now,
  };
}
