/** The oracle: pure, from what the client sent, what the receivers got and what PostgreSQL says. */
import type { DeliveryRow, EnrolmentRow, Evidence } from './evidence.js';
import type { KillRecord } from './killer.js';
import { EVENTS, JOURNEYS } from './workspace.js';

export interface Check {
  readonly name: string;
  readonly weight: string;
  /** one line for each offence, with ids; empty when it held */
  readonly faults: readonly string[];
}

export interface Counts {
  readonly accepted: number;
  readonly lost: number;
  readonly stuck: number;
  readonly duplicates: number;
  readonly unknown: number;
  readonly inFlight: number;
}

export interface Verdict {
  readonly counts: Counts;
  readonly checks: readonly Check[];
}

export function judge(evidence: Evidence): Verdict {
  const found = {
    lost: findLost(evidence),
    stuck: findStuck(evidence),
    duplicates: [
      ...findRepeatedEvents(evidence),
      ...findSecondMails(evidence),
      ...findSecondHooks(evidence),
    ],
    unknown: evidence.deliveries.filter(({ state }) => state === 'unknown'),
    inFlight: sendsInFlight(evidence.deliveries, evidence.kills),
  };
  return {
    counts: {
      accepted: evidence.client.acknowledged.size,
      lost: found.lost.length,
      stuck: found.stuck.length,
      duplicates: found.duplicates.length,
      unknown: found.unknown.length,
      inFlight: found.inFlight.size,
    },
    checks: [...gravest(evidence, found), ...further(evidence)],
  };
}

interface Found {
  readonly lost: readonly string[];
  readonly stuck: readonly string[];
  readonly duplicates: readonly string[];
  readonly unknown: readonly DeliveryRow[];
  readonly inFlight: ReadonlySet<string>;
}

function gravest(evidence: Evidence, found: Found): Check[] {
  const { client, enrolments, mails, hooks } = evidence;
  const { lost, stuck, duplicates, unknown, inFlight } = found;
  return [
    check(
      'every acknowledged event is applied or in quarantine',
      `${client.acknowledged.size} events`,
      lost,
    ),
    check(
      'everybody who left a cart came to an end, or is held with a reason',
      `${enrolments.length} enrolments`,
      stuck,
    ),
    check(
      'nothing happened twice: events, mails, webhooks',
      `${mails.length} mails, ${hooks.length} webhooks`,
      duplicates,
    ),
    check(
      'a send is unknown only where a kill came into it',
      `${unknown.length} unknown, ${inFlight.size} in flight`,
      unknown.filter(({ key }) => !inFlight.has(key)).map(describeDelivery),
    ),
  ];
}

function further(evidence: Evidence): Check[] {
  return [
    check(
      'what the ledger calls accepted was received, and the other way about',
      `${evidence.deliveries.length} deliveries`,
      findDisagreements(evidence),
    ),
    check(
      'whoever ordered in time got nothing, everybody else was reached',
      `${evidence.orders.size} orders`,
      findWrongEnds(evidence),
    ),
    check(
      'a run terminated, reset or deleted in Temporal goes on or is held with the reason',
      weightOfOperations(evidence),
      findOperationFaults(evidence),
    ),
  ];
}

function check(name: string, weight: string, faults: readonly string[]): Check {
  return { name, weight, faults };
}

function findLost({ client, applied, quarantined }: Evidence): string[] {
  return client.sent
    .filter(({ messageId }) => client.acknowledged.has(messageId))
    .filter(({ messageId }) => !applied.has(messageId) && !quarantined.has(messageId))
    .map(({ messageId, name, cart }) => `lost: ${name} ${messageId} ${cart ?? ''}`.trimEnd());
}

/** Not ended, or never begun although the cart was acknowledged. */
function findStuck(evidence: Evidence): string[] {
  const { enrolments, client } = evidence;
  const open = enrolments
    .filter(({ state, heldReason }) => state === 'active' || (state === 'held' && !heldReason))
    .map((one) => `stuck: ${describe(one)} at ${one.command}`);
  const entered = new Set(enrolments.map(({ journey, cart }) => `${journey} ${cart}`));
  const missing = client.sent
    .filter(({ messageId }) => client.acknowledged.has(messageId))
    .flatMap(({ name, cart }) => journeysOf(name).map((journey) => `${journey} ${cart ?? ''}`))
    .filter((expected) => !entered.has(expected))
    .map((expected) => `never started: ${expected}`);
  const { behind, outbox } = evidence.engine;
  return [
    ...open,
    ...missing,
    ...(behind > 0 ? [`the lane is ${behind} positions behind`] : []),
    ...(outbox > 0 ? [`${outbox} rows are left in the outbox`] : []),
  ];
}

function journeysOf(event: string): string[] {
  if (event === EVENTS.cart) return [JOURNEYS.hook, JOURNEYS.mail];
  return event === EVENTS.care ? [JOURNEYS.care] : [];
}

function findRepeatedEvents({ applied }: Evidence): string[] {
  return [...applied]
    .filter(([, times]) => times > 1)
    .map(([messageId, times]) => `event ${messageId} was applied ${times} times`);
}

/** Every shopper has one cart and every journey with a mail sends one for it. */
function findSecondMails({ mails }: Evidence): string[] {
  return [
    ...repeated(mails.map(({ messageId }) => messageId)).map((id) => `second mail ${id}`),
    ...repeated(mails.map(({ to }) => to)).map((to) => `second mail to ${to}`),
  ];
}

function findSecondHooks({ hooks }: Evidence): string[] {
  const carts = hooks.map(({ cart, step }) => `${cart} at ${step}`);
  return [
    ...hooks.filter(({ effects }) => effects > 1).map(({ key }) => `second effect of ${key}`),
    ...hooks.filter(({ bodies }) => bodies > 1).map(({ key }) => `other contents under ${key}`),
    ...repeated(carts).map((cart) => `second key for ${cart}`),
  ];
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.size === seen.add(value).size);
}

const isMail = ({ connector }: DeliveryRow): boolean => connector === 'smtp-email';

/** No call to the mail server takes longer here: it answers within 1.5 s, on a machine that is busy with restarts. */
const LONGEST_CALL_MS = 10_000;

/** Only who sends and who remembers can leave a send in doubt. A call that was made long before the blow is not its work. */
export function sendsInFlight(
  deliveries: readonly DeliveryRow[],
  kills: readonly KillRecord[],
): Set<string> {
  const blows = kills.filter(({ victim }) => victim === 'worker' || victim === 'postgres');
  const isHit = ({ sendingAt, settledAt }: DeliveryRow): boolean =>
    sendingAt !== null &&
    blows.some(
      ({ from, to }) =>
        sendingAt <= to &&
        sendingAt >= from - LONGEST_CALL_MS &&
        (settledAt === null || settledAt >= from),
    );
  return new Set(
    deliveries
      .filter(isMail)
      .filter(isHit)
      .map(({ key }) => key),
  );
}

function findDisagreements({ deliveries, mails, hooks }: Evidence): string[] {
  const known = new Map(deliveries.map((row) => [row.key, row]));
  const mailed = new Set(mails.map(({ messageId }) => keyOfMessageId(messageId)));
  const done = new Set(hooks.filter(({ effects }) => effects > 0).map(({ key }) => key));
  const isReceived = (row: DeliveryRow): boolean =>
    isMail(row) ? mailed.has(mailForm(row.key)) : done.has(row.key);
  const byForm = new Map(deliveries.map((row) => [mailForm(row.key), row]));
  const mayHaveGone = (row: DeliveryRow | undefined): boolean =>
    row !== undefined && ['accepted', 'unknown'].includes(row.state);
  return [
    ...deliveries
      .filter((row) => row.state === 'accepted' && !isReceived(row))
      .map((row) => `accepted, but never received: ${describeDelivery(row)}`),
    ...[...mailed]
      .filter((form) => !mayHaveGone(byForm.get(form)))
      .map((form) => `received, but not in the ledger as sent: mail ${form}`),
    ...[...done]
      .filter((key) => !mayHaveGone(known.get(key)))
      .map((key) => `received, but not in the ledger as sent: webhook ${key}`),
  ];
}

/** A Message-ID has no colons: `<enrolment+step+visit@host>`. */
function keyOfMessageId(messageId: string): string {
  return messageId.replace(/^<|@[^@]*$/g, '');
}

function mailForm(key: string): string {
  return key.replaceAll(':', '+');
}

/** The log decides what was in time, not when a process was there to look. */
function findWrongEnds({ enrolments, deliveries, orders }: Evidence): string[] {
  const sent = new Map(deliveries.map((row) => [row.enrolmentId, row]));
  return enrolments
    .filter(({ journey, state }) => journey !== JOURNEYS.care && state === 'ended')
    .flatMap((one) => {
      const order = orders.get(one.cart);
      const isInTime = order !== undefined && one.deadline !== null && order <= one.deadline;
      const row = sent.get(one.enrolmentId);
      if (isInTime) {
        return row === undefined ? [] : [`ordered in time, yet ${describeDelivery(row)}`];
      }
      const isReached = row?.state === 'accepted' || row?.state === 'unknown';
      return isReached
        ? []
        : [
            `not reached: ${describe(one)}, ${row === undefined ? 'no delivery' : describeDelivery(row)}`,
          ];
    });
}

function weightOfOperations({ operated, enrolments }: Evidence): string {
  const ids = new Set(operated.map(({ enrolmentId }) => enrolmentId));
  const held = enrolments.filter(
    ({ enrolmentId, state }) => ids.has(enrolmentId) && state === 'held',
  );
  return `${operated.length} operations, ${held.length} held`;
}

function findOperationFaults(evidence: Evidence): string[] {
  const byId = new Map(evidence.enrolments.map((one) => [one.enrolmentId, one]));
  return evidence.operated.flatMap(({ enrolmentId, operation, stage, cart }) => {
    const what = `${operation} while ${stage}, ${cart} ${enrolmentId}`;
    const one = byId.get(enrolmentId);
    if (one === undefined) return [`${what}: the enrolment is gone`];
    if (one.state === 'held')
      return one.heldReason === null ? [`${what}: held without reason`] : [];
    if (one.state !== 'ended') return [`${what}: still ${one.state} at ${one.command}`];
    const mails = evidence.mails.filter(
      ({ to }) => to === `${cart.replace('cart-', '')}@shop.example`,
    );
    const effects = evidence.hooks.filter((hook) => hook.cart === cart && hook.effects > 0);
    return [
      ...(mails.length === 1 ? [] : [`${what}: ${mails.length} mails`]),
      ...(effects.length === 1 ? [] : [`${what}: ${effects.length} webhooks`]),
    ];
  });
}

function describe({
  journey,
  cart,
  enrolmentId,
  state,
  outcome,
  heldReason,
}: EnrolmentRow): string {
  return `${journey} ${cart} ${enrolmentId} (${state}${outcome === null ? '' : `, ${outcome}`}${heldReason === null ? '' : `, ${heldReason}`})`;
}

function describeDelivery({
  key,
  state,
  reason,
  attempts,
  sendingAt,
  settledAt,
}: DeliveryRow): string {
  return `${key} ${state}${reason === null ? '' : ` (${reason})`}, attempt ${attempts}, sent ${time(sendingAt)}, settled ${time(settledAt)}`;
}

function time(ms: number | null): string {
  return ms === null ? 'never' : new Date(ms).toISOString();
}
