/** What data must bring before anything is learnt from it; a definition may ask for more or for less. */
import type { Gate } from './types.js';

export interface PurchaseEvidence {
  readonly buyers: number;
  /** days from the first order to now */
  readonly historyDays: number;
  readonly daysSinceLastOrder: number;
  /** customers with three orders or more */
  readonly repeatBuyers: number;
}

export interface LabelEvidence {
  readonly doers: number;
  readonly nonDoers: number;
  readonly historyDays: number;
  readonly eventTypes: number;
  /** the window that is predicted: history has to be three times as long */
  readonly windowDays: number;
}

/** In place of our own; undefined leaves ours. */
export type GateOverrides = {
  readonly [
    gate in
      'buyers' | 'historyDays' | 'recentDays' | 'repeatBuyers' | 'doers' | 'nonDoers' | 'eventTypes'
  ]?: number | undefined;
};

export function purchaseGates(evidence: PurchaseEvidence, needed: GateOverrides = {}): Gate[] {
  return [
    atLeast('buyers', needed.buyers ?? 500, evidence.buyers),
    atLeast('historyDays', needed.historyDays ?? 180, evidence.historyDays),
    atMost('recentDays', needed.recentDays ?? 30, evidence.daysSinceLastOrder),
    atLeast('repeatBuyers', needed.repeatBuyers ?? 1, evidence.repeatBuyers),
  ];
}

export function labelGates(evidence: LabelEvidence, needed: GateOverrides = {}): Gate[] {
  return [
    atLeast('doers', needed.doers ?? 100, evidence.doers),
    atLeast('nonDoers', needed.nonDoers ?? 100, evidence.nonDoers),
    atLeast('historyDays', needed.historyDays ?? 3 * evidence.windowDays, evidence.historyDays),
    atLeast('eventTypes', needed.eventTypes ?? 5, evidence.eventTypes),
  ];
}

function atLeast(gate: string, needed: number, found: number): Gate {
  return { gate, needed, found, ok: found >= needed };
}

function atMost(gate: string, needed: number, found: number): Gate {
  return { gate, needed, found, ok: found <= needed };
}
