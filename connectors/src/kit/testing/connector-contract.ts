/**
 * What every connector must hold, whoever wrote it: called once in the spec of each, over real sockets on loopback.
 * The connector brings a stand-in for its vendor; the suite brings the trouble.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { redactSettings, REDACTED, secretFields } from '../../registry/index.js';
import type { DeliveryItem, ItemResult } from '../results.js';
import { runAction, type ActionOutcome } from '../run-action.js';
import { eventually } from './eventually.js';
import { watchSockets } from './loopback-only.js';
import { describeStatuses, type StatusSubject } from './contract-statuses.js';
import { NOW_MS, testContext, type TestContext } from './test-context.js';

export interface StandIn {
  readonly baseUrl: string;
  /** Items that have reached it whole. */
  readonly received: () => number;
  readonly close: () => Promise<void>;
}

/** Its settings are valid, and every secret in them holds the word given as `canary`; `n` makes an input different from its neighbours. */
export interface ContractSubject extends StatusSubject {
  readonly canary: string;
  readonly invalidInput: Readonly<Record<string, unknown>>;
  /** Takes everything, or takes everything and never says so. */
  standIn(manner: 'accepts' | 'swallows'): Promise<StandIn>;
}

export function describeConnectorContract(subject: ContractSubject): void {
  describe(`connector contract: ${subject.connector.key}`, () => {
    const watch = watchSockets();
    afterAll(async () => {
      await subject.connector.close();
      watch.stop();
    });
    describeSettings(subject);
    describeDelivery(subject);
    describePurity(subject);
    describeUnsent(subject);
    describeAmbiguity(subject);
    describeStatuses(subject);
    it('opens sockets to this machine only', () => {
      expect(watch.seen()).toBeGreaterThan(0);
      expect(watch.foreign()).toEqual([]);
    });
  });
}

function describeSettings({ connector, settings, canary }: ContractSubject): void {
  it('accepts its valid settings', () => {
    expect(connector.open(settings).ok).toBe(true);
  });

  it('refuses settings that are not its own and names the paths without the values', () => {
    const opened = connector.open({ ...settings, ...scrambled(settings) });
    expect(opened.ok).toBe(false);
    expect(JSON.stringify(opened)).not.toContain(canary);
  });

  it('names its channel where it carries messages to people, and only there', () => {
    expect(connector.channel !== undefined).toBe(connector.category === 'message');
  });

  it('tags every secret, so that redacted settings hold none of them', () => {
    expect(JSON.stringify(settings)).toContain(canary);
    expect(secretFields(connector).length).toBeGreaterThan(0);
    const shown = redactSettings(connector, settings);
    expect(JSON.stringify(shown)).not.toContain(canary);
    expect(JSON.stringify(shown)).toContain(REDACTED);
  });
}

function describeDelivery(subject: ContractSubject): void {
  const { connector, action, settings, canary } = subject;
  let vendor: StandIn;
  let test: TestContext;
  beforeAll(async () => {
    vendor = await subject.standIn('accepts');
    test = testContext({ baseUrlOverride: vendor.baseUrl });
  });
  afterAll(async () => {
    await connector.close();
    await test.close();
    await vendor.close();
  });
  const run = (items: readonly DeliveryItem[]): Promise<ActionOutcome> =>
    runAction(connector, { action, settings, items }, test.ctx);
  const [first, second] = itemsOf(subject, 2);
  const bad = { key: 'bad', input: subject.invalidInput };

  it('delivers more items than one batch holds, each once', async () => {
    const items = itemsOf(subject, connector.limits.maxItems + 1);
    const { results, attention } = await run(items);
    expect(statuses(results)).toEqual(items.map(() => 'delivered'));
    expect(attention).toBeUndefined();
    expect(vendor.received()).toBe(items.length);
  });

  it('answers for each item in its own place, a bad one between good ones included', async () => {
    const { results } = await run([first, bad, second].filter((item) => item !== undefined));
    expect(statuses(results)).toEqual(['delivered', 'failed', 'delivered']);
  });

  it('fails an item that is not JSON without sending it', async () => {
    const before = vendor.received();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(statuses((await run([{ key: 'loop', input: loop }])).results)).toEqual(['failed']);
    expect(vendor.received()).toBe(before);
  });

  it('keeps secrets and inputs out of the log', async () => {
    await run([...itemsOf(subject, 1), bad]);
    expect(test.logged.length).toBeGreaterThan(0);
    expect(test.logged.join('\n')).not.toContain(canary);
    expect(test.logged.join('\n')).not.toContain('person-');
  });

  it('says whether its settings work', async () => {
    const opened = connector.open(settings);
    expect(opened.ok && (await opened.connection.check(test.ctx))).toEqual({ ok: true });
  });
}

function describePurity(subject: ContractSubject): void {
  const { connector, action, settings } = subject;

  it('plans the same requests for the same items, and changes neither items nor settings', () => {
    const opened = connector.open(settings);
    const plan = opened.ok ? opened.connection.action(action)?.plan : undefined;
    // An action that sends by itself has no plan to compare.
    if (plan === undefined) return;
    const items = itemsOf(subject, 3);
    const copy = structuredClone(items);
    expect(plan(items, NOW_MS)).toEqual(plan(copy, NOW_MS));
    expect(items).toEqual(copy);
  });

  it('fails every item and asks for attention when the action or the settings are unknown', async () => {
    const test = testContext();
    const items = itemsOf(subject, 2);
    const run = (request: { action: string; settings: unknown }): Promise<ActionOutcome> =>
      runAction(connector, { ...request, items }, test.ctx);
    const noAction = await run({ action: 'constructor', settings });
    expect(statuses(noAction.results)).toEqual(['failed', 'failed']);
    expect(noAction.attention).toBe('unknown_action');
    const noSettings = await run({ action, settings: {} });
    expect(statuses(noSettings.results)).toEqual(['failed', 'failed']);
    expect(noSettings.attention).toBe('settings_invalid');
    await test.close();
  });
}

function describeUnsent(subject: ContractSubject): void {
  const { connector, action, settings } = subject;
  const runWith = async (test: TestContext, count = 1): Promise<ActionOutcome> => {
    const items = itemsOf(subject, count);
    const outcome = await runAction(connector, { action, settings, items }, test.ctx);
    await test.close();
    return outcome;
  };

  it('refuses a private address unless it is opened, and sends nothing there', async () => {
    const vendor = await subject.standIn('accepts');
    const policy = { allowPrivateAddresses: false };
    const outcome = await runWith(testContext({ baseUrlOverride: vendor.baseUrl }, policy));
    const refused = expect.objectContaining({ status: 'failed', code: 'address_refused' });
    expect(outcome).toEqual({ results: [refused], attention: 'address_refused' });
    expect(vendor.received()).toBe(0);
    await vendor.close();
  });

  it('asks for another try when nobody listens, since nothing can have been sent', async () => {
    const vendor = await subject.standIn('accepts');
    await vendor.close();
    await expectClosed(vendor.baseUrl);
    const outcome = await runWith(testContext({ baseUrlOverride: vendor.baseUrl }), 2);
    const retry = { status: 'retry', code: 'network_unreachable' };
    expect(outcome).toEqual({ results: [retry, retry] });
  });

  it('sends nothing once it has been called off', async () => {
    const vendor = await subject.standIn('accepts');
    const signal = AbortSignal.abort();
    const outcome = await runWith(testContext({ baseUrlOverride: vendor.baseUrl, signal }));
    expect(outcome).toEqual({ results: [{ status: 'retry', code: 'cancelled' }] });
    expect(vendor.received()).toBe(0);
    await vendor.close();
  });
}

function describeAmbiguity(subject: ContractSubject): void {
  const { connector, action, settings } = subject;

  it('knows nothing of an item that was taken without an answer, and repeats it only where the key is honoured', async () => {
    const vendor = await subject.standIn('swallows');
    const stop = new AbortController();
    const test = testContext({ baseUrlOverride: vendor.baseUrl, signal: stop.signal });
    const items = itemsOf(subject, 1);
    const running = runAction(connector, { action, settings, items }, test.ctx);
    await eventually('the item has reached the vendor', () => vendor.received() === 1);
    stop.abort();
    const status = connector.idempotency === 'key' ? 'retry' : 'unknown';
    expect((await running).results).toEqual([{ status, code: 'outcome_unknown' }]);
    await connector.close();
    await test.close();
    await vendor.close();
  });
}

function itemsOf(subject: ContractSubject, count: number): readonly DeliveryItem[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `enrolment:step:${n}`,
    input: subject.input(n),
  }));
}

function statuses(results: readonly ItemResult[]): readonly string[] {
  return results.map((result) => result.status);
}

/** Every setting as a value of a type that it cannot have. */
function scrambled(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, [value]]));
}

async function expectClosed(baseUrl: string): Promise<void> {
  const { hostname, port } = new URL(baseUrl);
  const refused = await new Promise<boolean>((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => {
      resolve(true);
    });
  });
  expect(refused).toBe(true);
}
