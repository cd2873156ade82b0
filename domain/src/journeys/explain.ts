import { matchesFilters, type PropertyFilter } from '../segments/index.js';
import {
  assertNever,
  atPath,
  describeDuration,
  type Json,
  type StampedRef,
} from '../shared/index.js';
import { decideEntry } from './decide-entry.js';
import { lengthOf } from './lookup.js';
import type { EntryDecision, Happening, JourneyDefinition, PriorEnrolment } from './types.js';

/** Something that might have led a person in: an event of the trigger's name, a change of its segment. */
export interface EntryCandidate {
  readonly happening: Happening;
  /** the version that took people in at that time; null: none did */
  readonly definition: JourneyDefinition | null;
  /** the person's enrolments in the journey as they were just before */
  readonly prior: readonly PriorEnrolment[];
}

/** Closed: every way in which an entry can fail to come about. */
export type EntryObstacle =
  | 'journey_not_live'
  | 'other_segment_change'
  | 'filter'
  | Exclude<Refusal, 'not_triggered'>
  | 'repeat'
  | 'none_found';

type Refusal = Extract<EntryDecision, { kind: 'refused' }>['reason'];

export interface EntryVerdict {
  readonly obstacle: EntryObstacle;
  readonly sentence: string;
  readonly ref: StampedRef;
  /** of an event that the trigger's filters did not let through */
  readonly failed: readonly FailedFilter[];
}

export interface FailedFilter {
  readonly property: string;
  readonly op: PropertyFilter['op'];
  readonly wanted: Json | null;
  readonly found: Json | null;
}

/** The first guard that stood against an entry, in the order in which the lane asks. */
export function explainEntry({ happening, definition, prior }: EntryCandidate): EntryVerdict {
  const { ref } = happening;
  const verdict = (obstacle: EntryObstacle, sentence: string): EntryVerdict => ({
    obstacle,
    sentence,
    ref,
    failed: [],
  });
  if (definition === null)
    return verdict('journey_not_live', 'The journey took nobody in at that time.');
  const failed = failedFilters(definition, happening);
  if (failed.length > 0) return { ...verdict('filter', filterSentence(failed)), failed };
  const decision = decideEntry(definition, happening, prior, ref.clock);
  switch (decision.kind) {
    case 'enter':
      return verdict('none_found', 'No guard stood against it: the lane may not have come to it.');
    case 'repeat':
      return verdict(
        'repeat',
        'It repeated what had led in already: that enrolment was still open.',
      );
    case 'refused':
      return decision.reason === 'not_triggered'
        ? verdict(
            'other_segment_change',
            'The journey begins with the other change of the segment.',
          )
        : verdict(decision.reason, refusalSentence(decision.reason, definition));
    default:
      return assertNever(decision);
  }
}

function failedFilters(
  { trigger }: JourneyDefinition,
  happening: Happening,
): readonly FailedFilter[] {
  if (trigger.kind !== 'event' || happening.kind !== 'event') return [];
  const { properties } = happening;
  return (trigger.where ?? [])
    .filter((filter) => !matchesFilters([filter], properties))
    .map(({ property, op, value }) => ({
      property,
      op,
      wanted: value ?? null,
      found: atPath(properties, property) ?? null,
    }));
}

function filterSentence(failed: readonly FailedFilter[]): string {
  const tests = failed.map(
    ({ property, op, wanted, found }) =>
      `${property} ${op}${wanted === null ? '' : ` ${JSON.stringify(wanted)}`} (it was ${found === null ? 'missing' : JSON.stringify(found)})`,
  );
  return `The event did not pass the trigger's filter: ${tests.join('; ')}.`;
}

function refusalSentence(
  reason: Exclude<Refusal, 'not_triggered'>,
  { maxTriggerAge, entry }: JourneyDefinition,
): string {
  switch (reason) {
    case 'imported':
      return 'It was imported: what comes out of a file starts no journeys unless the import says so.';
    case 'too_old':
      return `It was older than ${describeDuration(lengthOf(maxTriggerAge))} when it arrived.`;
    case 'already_once':
      return entry.reentry === 'perKey'
        ? 'An enrolment of the same key had been there before.'
        : 'The journey takes everybody in once, and the person had been in it.';
    case 'already_open':
      return 'The person was in the journey already.';
    case 'within_gap':
      return entry.reentry === 'afterExit'
        ? `The person had left it less than ${describeDuration(lengthOf(entry.minGap))} before.`
        : 'The person had left it too short a time before.';
    case 'no_key':
      return entry.reentry === 'perKey'
        ? `The event held no usable ${entry.path}, by which enrolments are told apart.`
        : 'The event held no key.';
    case 'too_many_open':
      return 'As many enrolments of the person were open as the journey allows.';
    default:
      return assertNever(reason);
  }
}
