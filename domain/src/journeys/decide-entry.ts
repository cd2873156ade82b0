import { assertNever, canonicalJson } from '../shared/index.js';
import { lengthOf } from './lookup.js';
import { keyAt, matchHappening } from './match-wait.js';
import type {
  Entry,
  EntryDecision,
  Happening,
  JourneyDefinition,
  PriorEnrolment,
} from './types.js';

/** Longer keys would not fit an index row; nothing that names a cart or an order is that long. */
const MAX_ENTRY_KEY = 500;

/**
 * Whether a happening begins an enrolment. Asked in the order trigger, import, age, re-entry, so that the answer names the first
 * guard that stopped a person. `prior` are the customer's enrolments in this journey that are not superseded; `clock` is the lane's.
 */
export function decideEntry(
  definition: JourneyDefinition,
  happening: Happening,
  prior: readonly PriorEnrolment[],
  clock: number,
): EntryDecision {
  if (!meetsTrigger(definition, happening)) return refused('not_triggered');
  if (happening.imported) return refused('imported');
  if (isTooOld(definition, happening, clock)) return refused('too_old');
  return decideReentry(definition.entry, happening, prior, clock);
}

/** A date belongs to one journey: it comes at the hour that this one names, and to the person whose date it is. */
function meetsTrigger({ key, trigger }: JourneyDefinition, happening: Happening): boolean {
  if (trigger.kind === 'date') return happening.kind === 'date' && happening.journey === key;
  return matchHappening(trigger, happening);
}

function decideReentry(
  entry: Entry,
  happening: Happening,
  prior: readonly PriorEnrolment[],
  clock: number,
): EntryDecision {
  switch (entry.reentry) {
    case 'once':
      if (prior.length === 0) return { kind: 'enter', entryKey: 'once' };
      return refused(prior.some((one) => one.open) ? 'already_open' : 'already_once');
    case 'afterExit':
      if (prior.some((one) => one.open)) return refused('already_open');
      if (prior.some((one) => isWithin(one, lengthOf(entry.minGap), clock)))
        return refused('within_gap');
      return { kind: 'enter', entryKey: `${happening.ref.position}.${happening.ref.ordinal}` };
    case 'perKey':
      return decideKeyed(entry, happening, prior);
    default:
      return assertNever(entry);
  }
}

function decideKeyed(
  entry: Entry & { readonly reentry: 'perKey' },
  happening: Happening,
  prior: readonly PriorEnrolment[],
): EntryDecision {
  const entryKey = entryKeyOf(entry.path, happening);
  if (entryKey === null) return refused('no_key');
  const same = prior.filter((one) => one.entryKey === entryKey);
  const open = same.find((one) => one.open);
  if (open !== undefined) return { kind: 'repeat', enrolmentId: open.enrolmentId };
  if (same.length > 0) return refused('already_once');
  if (prior.filter((one) => one.open).length >= entry.maxConcurrent)
    return refused('too_many_open');
  return { kind: 'enter', entryKey };
}

function entryKeyOf(path: string, happening: Happening): string | null {
  if (happening.kind !== 'event') return null;
  const key = keyAt(happening.properties, path);
  if (key === undefined) return null;
  const text = canonicalJson(key);
  return text.length > MAX_ENTRY_KEY ? null : text;
}

/** Membership changes have no time of their own: they happen when the lane computes them. */
function isTooOld(definition: JourneyDefinition, happening: Happening, clock: number): boolean {
  return (
    happening.kind === 'event' && clock - happening.eventTime > lengthOf(definition.maxTriggerAge)
  );
}

function isWithin({ endedAt }: PriorEnrolment, gapMs: number, clock: number): boolean {
  return endedAt !== null && clock - endedAt < gapMs;
}

function refused(reason: Extract<EntryDecision, { kind: 'refused' }>['reason']): EntryDecision {
  return { kind: 'refused', reason };
}
