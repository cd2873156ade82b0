import { describe, expect, it } from '@jest/globals';
import type { JourneyDefinition } from '../journeys/index.js';
import { missingFor, runScenario } from './index.js';
import { openPlaybook, parseScenarios } from './schemas.js';

const RAW = {
  key: 'hello',
  name: 'Hello',
  summary: 'Says hello.',
  parameters: {
    event: { title: 'Event', kind: 'text', default: 'Signed Up' },
    connection: { title: 'Connection', kind: 'key', default: 'mail' },
  },
  needs: {
    events: [{ name: { $set: 'event' }, properties: ['plan'] }, { name: 'Left' }],
    traits: ['email'],
    connections: [{ $set: 'connection' }],
    couponPools: ['codes'],
  },
};

describe('a playbook', () => {
  it('is read with its settings in it', () => {
    const opened = openPlaybook(RAW, { event: 'Joined' });
    expect(opened).toMatchObject({
      ok: true,
      value: {
        settings: { event: 'Joined', connection: 'mail' },
        playbook: { needs: { events: [{ name: 'Joined' }, { properties: [] }] }, leftOut: [] },
      },
    });
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['one without parameters', { key: 'x' }],
    ['one with a word too many', { ...RAW, extra: 1 }],
    ['one whose needs have an open hole', { ...RAW, needs: { events: [{ name: { $set: 'x' } }] } }],
  ])('is not %s', (_what, raw) => {
    expect(openPlaybook(raw)).toMatchObject({ ok: false });
  });

  it('says what a workspace lacks of it', () => {
    const opened = openPlaybook(RAW);
    if (!opened.ok) throw new TypeError('it is none');
    const { needs } = opened.value.playbook;
    const none = new Set<string>();
    const lacking = missingFor(needs, {
      events: new Set(['Left']),
      traits: none,
      connections: none,
      couponPools: none,
    });
    expect(lacking.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'event Signed Up',
      'trait email',
      'connection mail',
      'couponPool codes',
    ]);
    expect(lacking[0]?.hint).toBe('never seen: send it with plan');
  });

  it('says nothing about what could not be looked at', () => {
    const opened = openPlaybook(RAW);
    expect(opened.ok && missingFor(opened.value.playbook.needs, {})).toEqual([]);
  });
});

const JOURNEY: JourneyDefinition = {
  key: 'hello',
  name: 'Hello',
  trigger: { kind: 'event', event: 'Signed Up' },
  entry: { reentry: 'once' },
  start: 'wait',
  steps: {
    wait: { kind: 'delay', duration: 'PT1H', next: 'mail' },
    mail: { kind: 'message', channel: 'email', connection: 'mail', template: 'hello', next: 'end' },
    end: { kind: 'exit', reason: 'greeted' },
  },
  exits: [],
  goals: [{ id: 'left', kind: 'event', event: 'Left' }],
  purpose: 'marketing',
  maxTriggerAge: 'PT1H',
  messageExpiry: 'PT6H',
};

function verdictOf(scenario: Record<string, unknown>): string | null {
  const parsed = parseScenarios({ journey: 'hello', scenarios: [{ name: 'it', ...scenario }] });
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.fault));
  const [first] = parsed.value.scenarios;
  if (first === undefined) throw new TypeError('there is none');
  return runScenario(JOURNEY, first);
}

describe('a scenario', () => {
  const begun = [{ event: 'Signed Up' }, { expectWaitingAt: 'wait' }, { after: 'PT1H' }];

  it('passes where all is as expected', () => {
    const steps = [...begun, { expectSent: 'mail' }, { expectEnded: 'exited:greeted' }];
    expect(verdictOf({ do: steps })).toBeNull();
    expect(verdictOf({ do: [...begun, { event: 'Left' }, { expectGoal: 'left' }] })).toBeNull();
  });

  it('knows who has not agreed, has no address, or takes it back on the way', () => {
    const skipped = (reason: string) => [...begun, { expectSkipped: 'mail', for: reason }];
    expect(verdictOf({ person: { consents: 'none' }, do: skipped('no_consent') })).toBeNull();
    expect(verdictOf({ person: { address: null }, do: skipped('no_address') })).toBeNull();
    const revoked = { event: 'X', consents: [{ purpose: 'marketing', state: 'revoked' }] };
    const steps = [{ event: 'Signed Up' }, revoked, ...begun.slice(2)];
    expect(
      verdictOf({ do: [...steps, { expectSkipped: 'mail', for: 'consent_revoked' }] }),
    ).toBeNull();
  });

  it('knows what came late, and what came by an import', () => {
    for (const late of [{ agedBy: 'PT2H' }, { imported: true }])
      expect(verdictOf({ do: [{ event: 'Signed Up', ...late }, { expectEntered: 0 }] })).toBeNull();
  });

  it.each([
    [{ expectSent: 'mail' }, 'mail was sent 0 times'],
    [{ expectEntered: 2 }, 'entered 1 times'],
    [{ expectWaitingAt: 'mail' }, 'does not wait at mail'],
    [{ expectEnded: 'completed' }, 'ended as not yet'],
    [{ expectGoal: 'left' }, 'did not reach the goal left'],
    [{ expectSkipped: 'mail', for: 'capped' }, 'was not skipped'],
  ])('that expects %j in vain says so, and where', (expectation, said) => {
    const verdict = verdictOf({ do: [{ event: 'Signed Up' }, expectation] });
    expect(verdict).toContain(`it, 2: `);
    expect(verdict).toContain(said);
    expect(verdict).toContain('waiting wait');
  });

  it.each([
    ['no steps', { do: [] }],
    ['a word that is none', { do: [{ expectSend: 'mail' }] }],
    ['a reason that is none', { do: [{ expectSkipped: 'mail', for: 'rain' }] }],
    ['a wait that is none', { do: [{ after: 'a while' }] }],
  ])('is not one with %s', (_what, scenario) => {
    const file = { journey: 'hello', scenarios: [{ name: 'it', ...scenario }] };
    expect(parseScenarios(file)).toMatchObject({ ok: false });
  });
});
