export type * from './types.js';
export { advance, initialState, withDeadline } from './advance.js';
export { blastRadiusOf, type BlastRadius, type Rate } from './blast-radius.js';
export { checkJourney, type KnownNames } from './check-journey.js';
export { chooseInput, type Pending } from './choose-input.js';
export { commandOf } from './command.js';
export { consumedAtEntry, consumedBy, consumedUntil, isUnseen, type Consumed } from './consumed.js';
export { decideEntry } from './decide-entry.js';
export { decideExit, GOAL_WINDOW_MS, isRepeat, reachedGoals } from './decide-exit.js';
export { type JourneyFault } from './journey-fault.js';
export { journeyTest, JourneyExpectationFailed, type JourneyTest } from './journey-test.js';
export { matchHappening, matchWait } from './match-wait.js';
export {
  conditionsOf,
  matchesOf,
  outlinesOf,
  segmentsOf,
  type PlacedOutline,
} from './references.js';
export { resolveObject, resolveValue, type ValueScope } from './resolve-value.js';
export { dateTriggerDue, dateTriggerTraits, firesAt } from './date-trigger.js';
export { HELD_OUT } from './lots.js';
export {
  explainEntry,
  type EntryCandidate,
  type EntryObstacle,
  type EntryVerdict,
  type FailedFilter,
} from './explain.js';
export { hiddenSegmentsOf, withHiddenSegments } from './hidden-segments.js';
export { quietUntil, ZONE_TRAIT } from './clock.js';
export { replanTraits, replanWait } from './replan-wait.js';
export { classOf } from './steps/message.step.js';
export {
  addSimulations,
  guardsOf,
  NOTHING_SIMULATED,
  sentIn,
  simulatePage,
  simulationReads,
  stepsInOrder,
  type SampleRun,
  type SimulatedPage,
  type SimulatedTime,
  type Simulation,
  type StepForecast,
} from './simulate.js';
export { triggerOf } from './trigger-of.js';
export { runVirtually } from './virtual-host.js';
export type {
  CustomerHappening,
  KnownAddress,
  RecordedRuns,
  ScriptedOutcome,
  VirtualCustomer,
  VirtualDelivery,
  VirtualEnrolment,
  VirtualInput,
  VirtualRefusal,
  VirtualRequest,
  VirtualResult,
} from './virtual-world.js';
export { MAX_INSTANT_STEPS, MAX_VISITS } from './walk.js';
export {
  lookBack,
  MAX_RESTARTS,
  watchWait,
  type Fired,
  type OpenWait,
  type Waiter,
} from './watch-wait.js';
export { firstConnection, routesOf, type Route } from './steps/routes.js';
