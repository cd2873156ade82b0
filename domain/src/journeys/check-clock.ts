import { warning, type JourneyFault } from './journey-fault.js';
import type { JourneyDefinition } from './types.js';

/** What is lawful and hardly meant: dates that come once in a life, lots that nobody draws. */
export function checkClock({
  trigger,
  entry,
  holdout,
  steps,
}: JourneyDefinition): readonly JourneyFault[] {
  const yearlyOnce =
    trigger.kind === 'date' && trigger.repeat === 'yearly' && entry.reentry === 'once';
  return [
    ...(yearlyOnce
      ? [
          warning(
            'entry.reentry',
            'enters_one_year_only',
            'the date comes every year, and a person enters once; afterExit lets them in again',
          ),
        ]
      : []),
    ...(holdout?.percent === 100
      ? [warning('holdout.percent', 'everybody_held_out', 'nobody gets anything')]
      : []),
    ...Object.entries(steps).flatMap(([id, step]) =>
      step.kind === 'randomSplit'
        ? step.branches.flatMap(({ weight }, index) =>
            weight > 0
              ? []
              : [
                  warning(
                    `steps.${id}.branches.${index}.weight`,
                    'branch_without_weight',
                    'nobody goes this way',
                  ),
                ],
          )
        : [],
    ),
  ];
}
