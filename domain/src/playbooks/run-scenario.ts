/** Carries a scenario out on the pure machine: the same code that runs in production, with a clock that is told what time it is. */
import {
  JourneyExpectationFailed,
  journeyTest,
  type JourneyDefinition,
  type JourneyTest,
} from '../journeys/index.js';
import type { Traits } from '../profiles/types.js';
import { durationMs, type JsonObject } from '../shared/index.js';
import type { Action, Scenario } from './scenario.schema.js';

/** Null where all was as expected; else what was not, with the trail. */
export function runScenario(definition: JourneyDefinition, scenario: Scenario): string | null {
  const test = journeyTest(definition).customer(personOf(scenario.person));
  for (const [index, action] of scenario.do.entries()) {
    const failure = tryOut(test, action);
    if (failure !== null) return `${scenario.name}, ${index + 1}: ${failure}`;
  }
  return null;
}

function tryOut(test: JourneyTest, action: Action): string | null {
  try {
    carryOut(test, action);
    return null;
  } catch (error) {
    if (error instanceof JourneyExpectationFailed) return error.message;
    throw error;
  }
}

function carryOut(test: JourneyTest, action: Action): void {
  if ('event' in action) happen(test, action);
  else if ('after' in action) test.after(action.after);
  else if ('entersSegment' in action) test.entersSegment(action.entersSegment);
  else if ('leavesSegment' in action) test.leavesSegment(action.leavesSegment);
  else expectThat(test, action);
}

function happen(test: JourneyTest, action: Extract<Action, { event: string }>): void {
  const { event, properties, agedBy, ...options } = action;
  const ageMs = agedBy === undefined ? 0 : (durationMs(agedBy) ?? 0);
  test.event(event, properties ?? {}, { ...options, ageMs });
}

type Expectation = Exclude<
  Action,
  { event: string } | { after: string } | { entersSegment: string } | { leavesSegment: string }
>;

function expectThat(test: JourneyTest, action: Expectation): void {
  if ('expectEntered' in action) test.expectEntered(action.expectEntered);
  else if ('expectSent' in action) test.expectSent(action.expectSent, action.times ?? 1);
  else if ('expectNotSent' in action) test.expectNotSent(action.expectNotSent);
  else if ('expectSkipped' in action) test.expectSkipped(action.expectSkipped, action.for);
  else if ('expectWaitingAt' in action) test.expectWaitingAt(action.expectWaitingAt);
  else if ('expectEnded' in action) test.expectEnded(action.expectEnded);
  else test.expectGoal(action.expectGoal);
}

function personOf({ traits, segments, consents, address }: Scenario['person']) {
  return {
    ...(traits === undefined ? {} : { traits: known(traits) }),
    ...(segments === undefined ? {} : { segments }),
    ...(consents === undefined ? {} : { consents: [] }),
    ...(address === undefined ? {} : { address }),
  };
}

/** Traits of before the beginning, so that whatever an event sets is newer. */
function known(traits: JsonObject): Traits {
  return Object.fromEntries(
    Object.entries(traits).map(([name, v]) => [name, { v, t: 0, p: 0, o: 0, s: null }]),
  );
}
