import { extractFacts } from '../segments/index.js';
import type { FactDefinition } from '../segments/types.js';
import { InvariantBroken, type StampedRef } from '../shared/index.js';
import { Agenda } from './agenda.js';
import { decideEntry } from './decide-entry.js';
import { decideExit, reachedGoals } from './decide-exit.js';
import { conditionsOf } from './references.js';
import { triggerOf } from './trigger-of.js';
import { reserve } from './virtual-delivery.js';
import { VirtualPerson, type FactIndex } from './virtual-person.js';
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
  private readonly facts: FactIndex;
  private lane: StampedRef = { position: 0, ordinal: 0, clock: 0 };

  constructor(private readonly input: VirtualInput) {
    this.facts = factIndex(input.definitions);
    for (const request of input.requests ?? [])
      this.agenda.add(request.at, { kind: 'request', request });
  }

  run(): VirtualResult {
    for (const item of this.input.log) {
      const { clock } = item.happening.ref;
      if (clock < this.lane.clock) throw new InvariantBroken('a log is in the order of its clock');
      if (clock > this.input.until) break;
      this.elapse((at) => at < clock);
      this.lane = item.happening.ref;
      this.apply(item);
    }
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

  /** The lane: exits, goals and waits of those inside, then entries; the runs hear of it afterwards. */
  private apply(item: CustomerHappening): void {
    const { customer, happening } = item;
    const moment = { now: happening.ref.clock, passed: happening.ref.clock - 1 };
    this.personOf(customer).apply(item);
    const woken = this.driversOf(customer).filter(({ run }) => this.touch(run, happening));
    for (const definition of this.input.definitions) {
      const entered = this.enter(definition, customer, happening);
      if (entered !== null) woken.push(entered);
    }
    for (const driver of woken) this.wake(driver, moment);
    this.retryBlocked(moment);
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
    if (row?.state === 'under_way') this.agenda.add(row.settlesAt, { kind: 'wake', driver });
  }

  private retryBlocked(moment: Moment): void {
    for (const driver of [...this.blocked]) this.drive(driver, moment);
  }

  private driversOf(customer: string): Driver[] {
    return this.drivers.get(customer) ?? [];
  }

  private personOf(customer: string): VirtualPerson {
    const known = this.people.get(customer);
    if (known !== undefined) return known;
    const person = new VirtualPerson(this.input.customers?.[customer] ?? {}, this.facts);
    this.people.set(customer, person);
    return person;
  }
}

function factIndex(definitions: readonly JourneyDefinition[]): FactIndex {
  const byEvent = new Map<string, FactDefinition[]>();
  const facts = definitions
    .flatMap(conditionsOf)
    .flatMap(({ condition }) => extractFacts(condition));
  for (const fact of new Map(facts.map((one) => [one.key, one])).values()) {
    byEvent.set(fact.event, [...(byEvent.get(fact.event) ?? []), fact]);
  }
  return { factsByEvent: (name) => byEvent.get(name) ?? [] };
}
