import { describe, expect, it } from '@jest/globals';
import { parseJourney } from './schemas.js';

const DONE = { kind: 'exit' };

function faultsOf(over: object, step: object = { kind: 'delay', duration: 'PT1H', next: 'done' }) {
  const parsed = parseJourney({
    key: 'j',
    name: 'J',
    trigger: { kind: 'event', event: 'E' },
    start: 'a',
    steps: { a: step, done: DONE },
    ...over,
  });
  return parsed.ok ? [] : parsed.fault.map(({ path }) => path);
}

const withStep = (step: object) => faultsOf({}, { next: 'done', ...step });
const delayUntil = (until: object) => withStep({ kind: 'delay', until });
const date = (over: object = {}) => ({ kind: 'date', trait: 'trip', ...over });
const birthday = (over: object = {}) => ({
  trigger: { kind: 'date', trait: 'birthday', repeat: 'yearly', at: '09:00', ...over },
});
const split = (branches: object) => withStep({ kind: 'randomSplit', branches, next: undefined });

describe('the schema of a journey that looks at the clock', () => {
  it.each<[string, readonly string[]]>([
    ['a length of time', withStep({ kind: 'delay', duration: 'PT1H' })],
    ['a time of day', delayUntil({ kind: 'localTime', at: '09:30', weekdays: ['mon', 'sun'] })],
    ['a date', delayUntil(date())],
    ['a date with days and a time', delayUntil(date({ offset: { before: 'P3D' }, at: '09:00' }))],
    ['a date with hours', delayUntil(date({ offset: { after: { hours: 5 } }, ifPast: 'exit' }))],
    ['a date with another way', delayUntil(date({ ifPast: { branch: 'done' } }))],
    ['a window', withStep({ kind: 'window', hours: { from: '09:00', to: '24:00' } })],
    [
      'a window over midnight',
      withStep({ kind: 'window', hours: { from: '22:00', to: '02:00' }, outside: 'done' }),
    ],
    ['quiet hours', faultsOf({ quietHours: { from: '21:00', to: '08:00' } })],
    ['quiet Sundays', faultsOf({ quietHours: { from: '00:00', to: '24:00', weekdays: ['sun'] } })],
    ['a zone', faultsOf({ timezone: 'Asia/Kathmandu' })],
    ['a holdout', faultsOf({ holdout: { percent: 12.5, salt: 'spring' } })],
    ['a birthday', faultsOf(birthday({ offset: { before: { weeks: 1 } } }))],
  ])('takes %s', (_name, faults) => {
    expect(faults).toEqual([]);
  });

  it.each<[string, readonly string[], string]>([
    ['a delay without an end', withStep({ kind: 'delay' }), 'steps.a.duration'],
    [
      'a delay with two',
      withStep({ kind: 'delay', duration: 'PT1H', until: date() }),
      'steps.a.duration',
    ],
    ['a time that is none', delayUntil({ kind: 'localTime', at: '9:30' }), 'steps.a.until.at'],
    ['24:00 as a beginning', delayUntil({ kind: 'localTime', at: '24:00' }), 'steps.a.until.at'],
    [
      'no days at all',
      delayUntil({ kind: 'localTime', at: '09:00', weekdays: [] }),
      'steps.a.until.weekdays',
    ],
    [
      'a day twice',
      delayUntil({ kind: 'localTime', at: '09:00', weekdays: ['mon', 'mon'] }),
      'steps.a.until.weekdays',
    ],
    [
      'hours from a time of day',
      delayUntil(date({ at: '09:00', offset: { before: 'PT5H' } })),
      'steps.a.until.offset',
    ],
    [
      'an offset of months',
      delayUntil(date({ offset: { before: 'P1M' } })),
      'steps.a.until.offset.before',
    ],
    ['an offset without a side', delayUntil(date({ offset: 'P1D' })), 'steps.a.until.offset'],
    [
      'hours without length',
      withStep({ kind: 'window', hours: { from: '09:00', to: '09:00' } }),
      'steps.a.hours.to',
    ],
    [
      'quiet hours without end',
      faultsOf({ quietHours: { from: '00:00', to: '24:00' } }),
      'quietHours',
    ],
    ['a zone that is none', faultsOf({ timezone: 'Mars/Olympus' }), 'timezone'],
    ['an offset for a zone', faultsOf({ timezone: '+02:00' }), 'timezone'],
    ['more than everybody', faultsOf({ holdout: { percent: 101 } }), 'holdout.percent'],
    ['a birthday every month', faultsOf(birthday({ repeat: 'monthly' })), 'trigger.repeat'],
    [
      'a birthday five hours before',
      faultsOf(birthday({ offset: { before: 'PT5H' } })),
      'trigger.offset',
    ],
    [
      'a lot that nobody can draw',
      split([{ id: 'a', weight: 0, next: 'done' }]),
      'steps.a.branches',
    ],
    [
      'a negative weight',
      split([{ id: 'a', weight: -1, next: 'done' }]),
      'steps.a.branches.0.weight',
    ],
    [
      'a class that is no key',
      withStep({
        kind: 'message',
        channel: 'email',
        connection: 'c',
        template: 't',
        class: 'Big News',
      }),
      'steps.a.class',
    ],
  ])('refuses %s, by its path', (_name, faults, path) => {
    expect(faults).toContain(path);
  });

  it('goes on where a date is over, if it says nothing else', () => {
    const parsed = parseJourney({
      key: 'j',
      name: 'J',
      trigger: { kind: 'event', event: 'E' },
      start: 'a',
      steps: { a: { kind: 'delay', until: date(), next: 'done' }, done: DONE },
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: { steps: { a: { until: { ifPast: 'continue' } } } },
    });
  });
});
