/**
 * What a company fears: Temporal's database is gone; PostgreSQL is put back to an older copy. Each enrolment that stood then goes on
 * or is held with the reason, and nobody hears of us twice.
 */
import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Stack } from '../stack/stack.js';
import {
  allEnded,
  allInPlace,
  careEnrolments,
  enter,
  order,
  type CareOptions,
  type InCare,
} from './care.js';
import type { EnrolmentRow } from './evidence.js';
import { cartOf } from './shoppers.js';
import type { Check } from './verdict.js';

export interface DisasterOptions extends CareOptions {
  readonly stack: Stack;
  readonly dataDir: string;
}

const EACH = 4;
const copy = promisify(execFile);

export async function disasters(options: DisasterOptions): Promise<Check[]> {
  const lost = await loseTemporal(options);
  const restored = await restorePostgres(options);
  return [
    check(
      options,
      "Temporal's database lost: every enrolment goes on or is held, nothing twice",
      lost,
    ),
    check(
      options,
      'PostgreSQL restored from a copy: every enrolment goes on or is held, nothing twice',
      restored,
    ),
  ];
}

function people(prefix: string): InCare[] {
  return Array.from({ length: EACH }, (_, n) => ({
    id: `${prefix}-${n}`,
    stage: 'waiting' as const,
  }));
}

/** Everybody waits behind their mail. The server comes back with nothing; the next order has to reach its run all the same. */
async function loseTemporal(options: DisasterOptions): Promise<EnrolmentRow[]> {
  const everybody = people('lost');
  const placed = await inPlace(options, everybody);
  const { temporalServer } = options.stack;
  if (temporalServer === null) throw new TypeError('only a server of ours may lose its database');
  await temporalServer.kill();
  for (const end of ['', '-wal', '-shm'])
    await rm(join(options.dataDir, 'temporal', `temporal.db${end}`), { force: true });
  await temporalServer.restart();
  options.say("Temporal's database is gone; the runs have to be begun anew");
  await Promise.all(everybody.map(({ id }) => order(options, id)));
  return seenThrough(options, placed);
}

/**
 * A copy is made while everybody waits; then half of them order and are told. The copy comes back and knows nothing of it, and the
 * senders, who had no answer they can trust, say everything again.
 */
async function restorePostgres(options: DisasterOptions): Promise<EnrolmentRow[]> {
  const everybody = people('restored');
  const placed = await inPlace(options, everybody);
  await withServerDown(options, {}, (dataDir) => copyFolder(dataDir, `${dataDir}.copy`));
  const early = everybody.slice(0, EACH / 2);
  await Promise.all(early.map(({ id }) => order(options, id)));
  await allEnded(options, idsOf(placed, early));
  await withServerDown(options, { TL_AFTER_RESTORE: '1' }, async (dataDir) => {
    await rm(dataDir, { recursive: true });
    await rename(`${dataDir}.copy`, dataDir);
  });
  options.say(
    'PostgreSQL is back to its copy; half of the people have been told what it does not know of',
  );
  await Promise.all(everybody.map(({ id }) => order(options, id)));
  return seenThrough(options, placed);
}

async function inPlace(
  options: DisasterOptions,
  everybody: readonly InCare[],
): Promise<Map<string, EnrolmentRow>> {
  await Promise.all(everybody.map((one) => enter(options, one)));
  const all = await allInPlace(options, everybody);
  const carts = new Set(everybody.map(({ id }) => cartOf(id)));
  return new Map([...all].filter(([cart]) => carts.has(cart)));
}

/** Our processes first, so that none of them talks to a server that is half there. */
async function withServerDown(
  { stack }: DisasterOptions,
  env: NodeJS.ProcessEnv,
  work: (dataDir: string) => Promise<unknown>,
): Promise<void> {
  const { postgres, api, worker } = stack;
  if (postgres.kind !== 'embedded') throw new TypeError('only a server of ours may be put back');
  await worker.kill();
  await api.kill();
  await postgres.stop();
  await work(postgres.dataDir);
  await postgres.restart();
  await api.restart();
  await worker.restart(env);
}

/** With owners and modes: the server refuses a folder that others may read. */
async function copyFolder(from: string, to: string): Promise<void> {
  await copy('cp', ['-a', from, to]);
}

async function seenThrough(
  options: DisasterOptions,
  placed: ReadonlyMap<string, EnrolmentRow>,
): Promise<EnrolmentRow[]> {
  const ids = new Set([...placed.values()].map(({ enrolmentId }) => enrolmentId));
  await allEnded(options, ids);
  const found = await careEnrolments(options.database);
  return [...placed.values()].map((one) => found.get(one.cart) ?? one);
}

function idsOf(placed: ReadonlyMap<string, EnrolmentRow>, some: readonly InCare[]): Set<string> {
  return new Set(some.flatMap(({ id }) => placed.get(cartOf(id))?.enrolmentId ?? []));
}

function check(
  { receivers }: DisasterOptions,
  name: string,
  enrolments: readonly EnrolmentRow[],
): Check {
  const held = enrolments.filter(({ state }) => state === 'held').length;
  return {
    name,
    weight: `${enrolments.length} enrolments, ${held} held`,
    faults: enrolments.flatMap((one) => faultsOf(receivers, one)),
  };
}

/** One mail each, from before; one call of the webhook for those that went on, and none again for those that are held. */
function faultsOf(receivers: DisasterOptions['receivers'], one: EnrolmentRow): string[] {
  const { cart, state, heldReason } = one;
  const mails = receivers
    .mails()
    .filter(({ to }) => to === `${cart.replace('cart-', '')}@shop.example`);
  const calls = receivers.offersTo(cart);
  const wrongEnd =
    state === 'active' || (state === 'held' && heldReason === null)
      ? [`${cart}: still ${state} at ${one.command}`]
      : [];
  return [
    ...wrongEnd,
    ...(mails.length === 1 ? [] : [`${cart}: ${mails.length} mails`]),
    ...(state === 'ended' && calls !== 1 ? [`${cart}: ended with ${calls} calls`] : []),
    ...(state === 'held' && calls > 1 ? [`${cart}: held, yet ${calls} calls`] : []),
  ];
}
