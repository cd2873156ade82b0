import { compileSegments, type SegmentIndex } from '../segments/index.js';
import { InvariantBroken, type StampedRef } from '../shared/index.js';
import { Agenda } from './agenda.js';
import { decideEntry } from './decide-entry.js';
import { decideExit, reachedGoals } from './decide-exit.js';
import { hiddenSegmentsOf, withHiddenSegments } from './hidden-segments.js';
import { conditionsOf } from './references.js';
import { triggerOf } from './trigger-of.js';
import { reserve } from './virtual-delivery.js';
import { VirtualDue, type DueChanges } from './virtual-due.js';
import { VirtualPerson } from './virtual-person.js';
import { VirtualRun } from './virtual-run.js';
import type {
  CustomerHappening,
  VirtualInput,
  VirtualRefusal,
  VirtualRequest,
  VirtualResult,
} from './virtual-world.js';
import type { Command, Happening, JourneyDefinition, PriorEnrolment } from './types.js';

/**
 * Runs journeys over a log in memory, with a virtual clock: the second host of the step machine, for tests and for simulation.
 * Lane, step and reservation decide by the same functions as in production.
 */
export function runVirtually(input: VirtualInput): VirtualResult {
  const host = new VirtualHost(input);
  return host.run();
}

/** What a driver knows of its run: the last command it saw. */
interface Driver {
  readonly run: VirtualRun;
  seq: number;
  command: Command | null;
}

type Due =
  | { readonly kind: 'wake'; readonly driver: Driver }
  | { readonly kind: 'request'; readonly request: VirtualRequest };

/** A moment of the virtual clock. `passed`: every input stamped up to it has been applied. */
interface Moment {
  readonly now: number;
  readonly passed: number;
}

class VirtualHost {
  private readonly agenda = new Agenda<Due>();
  private readonly people = new Map<string, VirtualPerson>();
  private readonly drivers = new Map<string, Driver[]>();
  private readonly all: Driver[] = [];
  private readonly blocked = new Set<Driver>();
  private readonly refusals: VirtualRefusal[] = [];
  private readonly index: SegmentIndex;
  private readonly definitions: readonly JourneyDefinition[];
  private readonly due: VirtualDue;
  private lane: StampedRef = { position: 0, ordinal: 0, clock: 0 };

  constructor(private readonly input: VirtualInput) {
    this.index = watchedBy(input.definitions);
    this.definitions = input.definitions.map((definition) => withHiddenSegments(definition, 1));
    this.due = new VirtualDue(this.index, this.definitions);
    for (const request of input.requests ?? [])
      this.agenda.add(request.at, { kind: 'request', request });
  }

  run(): VirtualResult {
    const from = this.input.from ?? this.input.log[0]?.happening.ref.clock ?? this.input.until;
    this.lane = { ...this.lane, clock: Math.min(from, this.input.until) - 1 };
    for (const customer of Object.keys(this.input.customers ?? {})) this.personOf(customer);
    for (const request of requestsIn(this.input.log)) {
      const { ref } = request.at(-1)?.happening ?? { ref: this.lane };
      const { clock } = ref;
      if (clock < this.lane.clock) throw new InvariantBroken('a log is in the order of its clock');
      if (clock > this.input.until) break;
      this.settle(clock);
      this.lane = ref;
      this.apply(request, clock);
    }
    this.settle(this.input.until);
    this.elapse((at) => at <= this.input.until);
    this.retryBlocked({ now: this.input.until, passed: this.input.until });
    return { enrolments: this.all.map(({ run }) => run.result()), refusals: this.refusals };
  }

  /** Inputs come before what is due at their instant, so all inputs stamped up to `due.at` have been applied here. */
  private elapse(isDue: (at: number) => boolean): void {
    while (isDue(this.agenda.nextAt())) {
      const due = this.agenda.take();
      if (due === undefined) return;
      const moment = { now: due.at, passed: due.at };
      if (due.item.kind === 'wake') this.drive(due.item.driver, moment);
      else this.ask(due.item.request, moment);
    }
  }

  /** What is due by time alone belongs before the input whose clock has reached it; runs wake in between. */
  private settle(clock: number): void {
    for (let at = this.due.nextAt(); at <= clock; at = this.due.nextAt()) {
      this.elapse((wake) => wake < at);
      const due = this.due.take();
      if (due !== null) this.reach(due);
    }
    this.elapse((wake) => wake < clock);
  }

  private reach({ person, at, changes, dates }: DueChanges): void {
    const { customerId: customer } = person;
    const { position, ordinal } = this.lane;
    const ref = { position, ordinal: ordinal + 1, clock: at };
    const stamp = { ref, imported: false };
    this.lane = ref;
    const happenings: readonly Happening[] = [
      ...changes.map((change) => ({ kind: 'segment', ...change, ...stamp }) as const),
      ...dates.map((journey) => ({ kind: 'date', journey, ...stamp }) as const),
    ];
    this.apply(
      happenings.map((happening) => ({ customer, happening })),
      at,
    );
  }

  /** One turn of the lane: an input and what it brings about; the runs hear of it afterwards. */
  private apply(items: readonly CustomerHappening[], clock: number): void {
    const moment = { now: clock, passed: clock - 1 };
    const woken = new Set(items.flatMap((item) => this.react(item)));
    for (const driver of woken) this.wake(driver, moment);
    this.retryBlocked(moment);
  }

  /** Exits, goals and waits of those inside, then entries, then the hidden segments that the input has changed. */
  private react(item: CustomerHappening): readonly Driver[] {
    const { customer, happening } = item;
    const { ref, imported } = happening;
    const person = this.personOf(customer);
    const touched = person.apply(item);
    if (item.found === true) return [];
    const moved = this.replan(item, person);
    const woken = this.driversOf(customer).filter(
      (driver) => this.touch(driver.run, happening) || moved.has(driver),
    );
    for (const definition of this.definitions) {
      const entered = this.enter(definition, customer, happening);
      if (entered !== null) woken.push(entered);
    }
    const changes = this.due.measure(person, ref.clock, touched);
    return [
      ...woken,
      ...changes.flatMap((change) =>
        this.react({ customer, happening: { kind: 'segment', ...change, ref, imported } }),
      ),
    ];
  }

  /** Traits move what waits for a time of the person's clock; whoever is kept by quiet hours looks anew. */
  private replan(
    { customer, happening, traits }: CustomerHappening,
    person: VirtualPerson,
  ): ReadonlySet<Driver> {
    if (traits === undefined) return NOBODY;
    const present = person.facing.traits;
    const moved = this.driversOf(customer).filter(
      (driver) => driver.run.replan(present, happening.ref) || this.blocked.has(driver),
    );
    return new Set(moved);
  }

  /** Goals count after the end, too: else they would depend on when the run was told that it ended. */
  private touch(run: VirtualRun, happening: Happening): boolean {
    const { definition, trigger } = run.input;
    run.reachGoals(reachedGoals(definition, trigger, happening), happening.ref);
    if (run.ended) return false;
    const exit = decideExit(definition, trigger, happening);
    if (exit !== null) run.requestExit(exit.reason, happening.ref);
    return run.observe(happening) || exit !== null;
  }

  private enter(
    definition: JourneyDefinition,
    customer: string,
    happening: Happening,
  ): Driver | null {
    const prior = this.priorOf(customer, definition.key);
    const decision = decideEntry(definition, happening, prior, happening.ref.clock);
    if (decision.kind === 'refused' && decision.reason !== 'not_triggered') {
      this.refusals.push({
        journey: definition.key,
        customer,
        ref: happening.ref,
        reason: decision.reason,
      });
    }
    if (decision.kind !== 'enter') return null;
    const run = new VirtualRun({
      enrolmentId: `e${this.all.length + 1}`,
      customer,
      entryKey: decision.entryKey,
      definition,
      trigger: triggerOf(happening),
    });
    const driver: Driver = { run, seq: 0, command: null };
    this.all.push(driver);
    this.drivers.set(customer, [...this.driversOf(customer), driver]);
    return driver;
  }

  private priorOf(customer: string, journey: string): readonly PriorEnrolment[] {
    return this.driversOf(customer)
      .filter(({ run }) => run.input.definition.key === journey)
      .map(({ run }) => ({
        enrolmentId: run.input.enrolmentId,
        entryKey: run.input.entryKey,
        open: run.open,
        endedAt: run.leftAt,
      }));
  }

  private ask({ customer, journey, entryKey, request }: VirtualRequest, moment: Moment): void {
    const asked = this.driversOf(customer).findLast(
      ({ run }) =>
        run.input.definition.key === journey &&
        (entryKey === undefined || run.input.entryKey === entryKey),
    );
    if (asked === undefined) return;
    asked.run.ask(request, moment.now);
    this.drive(asked, moment);
  }

  private wake(driver: Driver, moment: Moment): void {
    if (this.input.recorded !== undefined) this.plan(driver, moment);
    else if (!this.isLate(driver, moment)) this.drive(driver, moment);
  }

  /** Where the past is played again, the next step is made where it was made, and never before. */
  private plan(driver: Driver, { now }: Moment): void {
    const at = this.recordedAt(driver);
    if (at < Infinity) this.agenda.add(Math.max(at, now), { kind: 'wake', driver });
  }

  private recordedAt({ run, seq }: Driver): number {
    return this.input.recorded?.stepAt(run.input.enrolmentId, seq + 1) ?? -Infinity;
  }

  /** Puts the next step off, where the script says so. */
  private isLate(driver: Driver, { now }: Moment): boolean {
    const late = this.latenessOf(driver);
    if (late > 0) this.agenda.add(now + late, { kind: 'wake', driver });
    return late > 0;
  }

  private latenessOf({ run, seq }: Driver): number {
    return this.input.lateness?.(run.input.enrolmentId, seq + 1) ?? 0;
  }

  /** The driver's loop: asks for the next command until there is none, then sleeps until the one it has is due. */
  private drive(driver: Driver, moment: Moment): void {
    for (;;) {
      this.carryOut(driver, moment);
      if (this.recordedAt(driver) > moment.now) {
        this.plan(driver, moment);
        return;
      }
      const { run } = driver;
      const person = this.personOf(run.input.customer);
      const view = person.view(run.input.trigger);
      const answer = run.step(driver.seq + 1, {
        view,
        applied: person.applied,
        lane: this.lane,
        passed: moment.passed,
      });
      if (this.input.recorded === undefined)
        for (const { traits } of answer.updates)
          person.write(traits, { ...this.lane, clock: moment.now });
      const advanced = answer.seq > driver.seq;
      driver.seq = answer.seq;
      driver.command = answer.command;
      if (!advanced) {
        this.sleep(driver, moment);
        return;
      }
      if (this.isLate(driver, moment)) return;
    }
  }

  /** The delivery activity: reserves what is open and settles what is due. */
  private carryOut(driver: Driver, { now }: Moment): void {
    const { run, command } = driver;
    this.blocked.delete(driver);
    if (command?.kind !== 'deliver' || run.ended) return;
    const row = run.deliveryRow(`${run.input.enrolmentId}:${command.step}:${command.visit}`);
    if (row === undefined || row.state === 'open') {
      // On the way out: the next step leaves before anything is reserved.
      if (run.exitRequested) return;
      const person = this.personOf(run.input.customer);
      const reserved = reserve({ run, person, command, now }, this.input);
      run.putDelivery(reserved);
      if (reserved.state === 'open') this.blocked.add(driver);
    } else if (row.state === 'under_way' && row.settlesAt <= now) {
      run.putDelivery({
        state: 'settled',
        delivery: row.delivery,
        outcome: row.outcome,
        instant: row.settlesAt,
      });
    }
  }

  private sleep(driver: Driver, { now }: Moment): void {
    const { run, command } = driver;
    if (command === null || run.ended) return;
    if (command.kind === 'wait' && run.deadline !== null) {
      this.agenda.add(Math.max(now, run.deadline) + this.latenessOf(driver), {
        kind: 'wake',
        driver,
      });
    }
    if (command.kind !== 'deliver') return;
    const row = run.deliveryRow(`${run.input.enrolmentId}:${command.step}:${command.visit}`);
    if (row?.state === 'open' && row.until !== null)
      this.agenda.add(row.until, { kind: 'wake', driver });
    if (row?.state === 'under_way') this.agenda.add(row.settlesAt, { kind: 'wake', driver });
  }

  private retryBlocked(moment: Moment): void {
    for (const driver of [...this.blocked])
      if (!isAsleep(driver, moment)) this.drive(driver, moment);
  }

  private driversOf(customer: string): Driver[] {
    return this.drivers.get(customer) ?? [];
  }

  private personOf(customer: string): VirtualPerson {
    const known = this.people.get(customer);
    if (known !== undefined) return known;
    const person = new VirtualPerson(customer, this.input.customers?.[customer] ?? {}, this.index);
    this.people.set(customer, person);
    this.due.meet(person, this.lane.clock);
    return person;
  }
}

/** What came together is applied together, before any run hears of it. */
function* requestsIn(log: readonly CustomerHappening[]): Generator<readonly CustomerHappening[]> {
  let request: CustomerHappening[] = [];
  for (const item of log) {
    const first = request[0]?.happening.ref.position ?? item.happening.ref.position;
    if (item.happening.ref.position !== first) {
      yield request;
      request = [];
    }
    request.push(item);
  }
  if (request.length > 0) yield request;
}

const NOBODY: ReadonlySet<Driver> = new Set();

/** Kept by quiet hours or a cap: its hour comes by itself. */
function isAsleep({ run, command }: Driver, { now }: Moment): boolean {
  if (command?.kind !== 'deliver') return false;
  const row = run.deliveryRow(`${run.input.enrolmentId}:${command.step}:${command.visit}`);
  return row?.state === 'open' && row.until !== null && row.until > now;
}

/** Facts of all conditions, and the segments that stand for those that runs wait for. */
export function watchedBy(definitions: readonly JourneyDefinition[]): SegmentIndex {
  return compileSegments(
    definitions.flatMap((definition) => hiddenSegmentsOf(definition, 1)),
    definitions.flatMap(conditionsOf).map(({ condition }) => condition),
  );
}
