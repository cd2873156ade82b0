import { assertNever, canonicalJson, durationMs, type Duration } from '../shared/index.js';
import { checkClock } from './check-clock.js';
import { checkPaths } from './check-paths.js';
import { error, warning, type JourneyFault } from './journey-fault.js';
import { pathsIn } from './resolve-value.js';
import { matchesOf, outlinesOf, segmentsOf, type PlacedOutline } from './references.js';
import type { EventMatch, JourneyDefinition, Match } from './types.js';

/** What exists in the workspace; a list that is left out is not checked. */
export interface KnownNames {
  readonly segments?: ReadonlySet<string>;
  readonly templates?: ReadonlySet<string>;
  readonly connections?: ReadonlySet<string>;
}

const SECOND_MS = 1_000;
const MAX_WAIT_MS = 2 * 365 * 86_400_000;
const LONG_WAIT_MS = 180 * 86_400_000;

/** Everything that can be said about a definition without running it, in the order of its paths as far as that makes sense. */
export function checkJourney(
  definition: JourneyDefinition,
  known: KnownNames = {},
): readonly JourneyFault[] {
  const outlines = outlinesOf(definition);
  return [
    ...checkPaths(definition, outlines),
    ...outlines.flatMap(checkBranches),
    ...outlines.flatMap(checkLengths),
    ...checkRules(definition),
    ...checkClock(definition),
    ...checkKeys(definition, outlines),
    ...outlines.flatMap((step) => checkValues(step, definition)),
    ...checkPurpose(definition, outlines),
    ...checkNames(definition, outlines, known),
  ];
}

function checkBranches({ branchIds, matches }: PlacedOutline): readonly JourneyFault[] {
  const overlaps = matches.flatMap(({ path, on }, index) => {
    const shadow = matches.slice(0, index).find((earlier) => covers(earlier.on, on));
    if (shadow === undefined) return [];
    return [
      error(path, 'branch_overlap', `never taken: ${shadow.path} matches the same and comes first`),
    ];
  });
  return [...duplicates(branchIds, 'duplicate_branch'), ...overlaps];
}

/** Whether everything that meets `later` has met `earlier` already. Filters are compared as written, not as logic. */
function covers(earlier: Match, later: Match): boolean {
  if (earlier.kind !== 'event' || later.kind !== 'event')
    return canonicalMatch(earlier) !== '' && canonicalMatch(earlier) === canonicalMatch(later);
  if (earlier.event !== later.event) return false;
  if (earlier.same !== undefined && earlier.same !== later.same) return false;
  return !hasFilter(earlier) || filterText(earlier) === filterText(later);
}

function canonicalMatch(match: Match): string {
  switch (match.kind) {
    case 'segment':
      return `${match.segment} ${match.on}`;
    case 'condition':
      return JSON.stringify(match.when);
    case 'event':
      return '';
    default:
      return assertNever(match);
  }
}

function hasFilter({ where }: EventMatch): boolean {
  return where !== undefined && where.length > 0;
}

function filterText({ where = [] }: EventMatch): string {
  return where
    .map(({ property, op, value }) => canonicalJson([property, op, value ?? null]))
    .sort()
    .join();
}

function duplicates(
  items: readonly { readonly path: string; readonly id: string }[],
  code: string,
): readonly JourneyFault[] {
  const seen = new Set<string>();
  return items.flatMap(({ path, id }) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [error(path, code, `${id} is used twice`)];
  });
}

function checkLengths({ lengths }: PlacedOutline): readonly JourneyFault[] {
  return lengths.flatMap(({ path, duration }) => checkLength(path, duration));
}

function checkLength(path: string, duration: Duration): readonly JourneyFault[] {
  const ms = durationMs(duration);
  if (ms === undefined)
    return [error(path, 'bad_duration', 'not a duration such as PT4H or { "hours": 4 }')];
  if (ms < SECOND_MS) return [error(path, 'wait_too_short', 'a wait lasts at least a second')];
  if (ms > MAX_WAIT_MS) return [error(path, 'wait_too_long', 'a wait lasts at most two years')];
  if (ms > LONG_WAIT_MS)
    return [warning(path, 'long_wait', 'half a year or longer: is that meant?')];
  return [];
}

function checkRules({ exits, goals }: JourneyDefinition): readonly JourneyFault[] {
  const placed = (list: readonly { readonly id: string }[], name: string) =>
    list.map(({ id }, index) => ({ path: `${name}.${index}.id`, id }));
  return [
    ...duplicates(placed(exits, 'exits'), 'duplicate_exit'),
    ...duplicates(placed(goals, 'goals'), 'duplicate_goal'),
  ];
}

/** Keys are read from the trigger's properties, which only an event has. */
function checkKeys(
  definition: JourneyDefinition,
  outlines: readonly PlacedOutline[],
): readonly JourneyFault[] {
  const { trigger, entry } = definition;
  const keyed = trigger.kind === 'event' && entry.reentry === 'perKey';
  const restarts = outlines
    .filter(({ restartsOnRepeat }) => restartsOnRepeat && !keyed)
    .map(({ path }) =>
      error(
        `${path}.restartOnRepeat`,
        'restart_without_key',
        'needs an event trigger and entry perKey',
      ),
    );
  if (trigger.kind === 'event') return restarts;
  const sames = matchesOf(definition)
    .filter(({ on }) => on.kind === 'event' && on.same !== undefined)
    .map(({ path }) =>
      error(`${path}.same`, 'same_without_event', 'this trigger has no properties to compare'),
    );
  const key =
    entry.reentry === 'perKey'
      ? [
          error(
            'entry.path',
            'key_without_event',
            'this trigger has no properties to take a key from',
          ),
        ]
      : [];
  return [...key, ...restarts, ...sames];
}

function checkValues(
  { values }: PlacedOutline,
  { trigger }: JourneyDefinition,
): readonly JourneyFault[] {
  return values.flatMap(({ path, value }) =>
    pathsIn(value).flatMap((reference) => {
      if (!isKnownRoot(reference)) {
        return [
          error(
            path,
            'unknown_path',
            `${reference}: paths begin with trigger.properties. or traits.`,
          ),
        ];
      }
      if (trigger.kind === 'event' || !isForeignProperty(reference)) return [];
      return [
        warning(path, 'path_without_event', `${reference}: this trigger has no such property`),
      ];
    }),
  );
}

/** A change of membership knows its segment, and nothing else. */
function isForeignProperty(path: string): boolean {
  return path.startsWith('trigger.properties.') && path !== 'trigger.properties.segment';
}

function isKnownRoot(path: string): boolean {
  return (
    /^(?:trigger\.properties\.|traits\.)./.test(path) ||
    /^trigger\.(?:name|eventTime|messageId)$/.test(path)
  );
}

function checkPurpose(
  { purpose, legalBasis, steps }: JourneyDefinition,
  outlines: readonly PlacedOutline[],
): readonly JourneyFault[] {
  if (purpose !== null) return [];
  const asking = Object.entries(steps)
    .filter(([, step]) => step.kind === 'sendToDestination' && typeof step.consent === 'object')
    .map(([id]) =>
      error(`steps.${id}.consent`, 'consent_without_purpose', 'the journey has no purpose'),
    );
  if (legalBasis !== undefined) return asking;
  const speaking = outlines
    .filter(({ speaks }) => speaks)
    .map(({ path }) =>
      error(path, 'missing_purpose', 'a message needs a consent purpose or a declared legal basis'),
    );
  return [...speaking, ...asking];
}

function checkNames(
  definition: JourneyDefinition,
  outlines: readonly PlacedOutline[],
  { segments, templates, connections }: KnownNames,
): readonly JourneyFault[] {
  const unknown = (set: ReadonlySet<string> | undefined, name: string | null): name is string =>
    set !== undefined && name !== null && !set.has(name);
  return [
    ...segmentsOf(definition)
      .filter(({ segment }) => unknown(segments, segment))
      .map(({ path, segment }) => error(path, 'unknown_segment', `there is no segment ${segment}`)),
    ...outlines.flatMap(({ path, connection, template, others }) => [
      ...others.flatMap((other) => [
        ...(unknown(connections, other.connection)
          ? [
              error(
                `${path}.connections`,
                'unknown_connection',
                `there is no connection ${other.connection}`,
              ),
            ]
          : []),
        ...(other.template !== template && unknown(templates, other.template)
          ? [
              error(
                `${path}.fallback.template`,
                'unknown_template',
                `there is no template ${other.template}`,
              ),
            ]
          : []),
      ]),
      ...(unknown(connections, connection)
        ? [
            error(
              `${path}.connection`,
              'unknown_connection',
              `there is no connection ${connection}`,
            ),
          ]
        : []),
      ...(unknown(templates, template)
        ? [error(`${path}.template`, 'unknown_template', `there is no template ${template}`)]
        : []),
    ]),
  ];
}
