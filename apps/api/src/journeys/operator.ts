import { Injectable } from '@nestjs/common';
import { ThroughlineError } from '@throughline/domain/shared';
import { newId } from '@throughline/store/shared';
import { readEnrolment, writeAudit, type Enrolment } from '@throughline/store/workspaces';
import {
  journeyWorkflowId,
  type OperatorArgs,
  type OperatorUpdateName,
  type OperatorVerdict,
} from '@throughline/workflows/contract';
import type { Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { found } from '../common/params.js';
import { TemporalGateway } from '../temporal/temporal-gateway.js';
import type { RunLink } from './views.js';

export interface Operation {
  readonly kind: OperatorUpdateName;
  readonly step?: string | undefined;
  readonly visit?: number | undefined;
  readonly reason?: string | undefined;
  /** Idempotency-Key of the request: makes a repeat the same Update */
  readonly once: string | undefined;
}

/** Operators' requests, carried to the run as Temporal Updates and answered with the step's verdict. */
@Injectable()
export class Operator {
  constructor(
    private readonly database: Database,
    private readonly temporal: TemporalGateway,
  ) {}

  runOf({ journeyKey, enrolmentId }: Enrolment): RunLink {
    const workflowId = journeyWorkflowId(journeyKey, enrolmentId);
    return { workflowId, url: this.temporal.linkTo(workflowId) };
  }

  async operate(
    caller: Caller,
    enrolmentId: string,
    operation: Operation,
  ): Promise<Extract<OperatorVerdict, { accepted: true }>> {
    const enrolment = await this.openEnrolment(caller, enrolmentId);
    const requestId = operation.once ?? newId();
    const args = argsOf(enrolment, operation, { requestId, actor: caller.actor });
    const verdict = await this.temporal.update(
      this.runOf(enrolment).workflowId,
      operation.kind,
      args,
    );
    if (verdict === null) {
      throw new ThroughlineError(
        'conflict',
        `The enrolment is ${enrolment.state}, but its run is not open; it is being reconciled.`,
      );
    }
    if (!verdict.accepted) throw new ThroughlineError('conflict', `Refused: ${verdict.reason}.`);
    await this.audit(caller, enrolmentId, operation);
    return verdict;
  }

  private async openEnrolment(caller: Caller, enrolmentId: string): Promise<Enrolment> {
    const enrolment = found(
      await this.database.read(caller, (client, id) => readEnrolment(client, id, enrolmentId)),
    );
    if (enrolment.state === 'ended') {
      throw new ThroughlineError(
        'conflict',
        `The enrolment has ended: ${enrolment.outcome ?? 'completed'}.`,
      );
    }
    return enrolment;
  }

  private audit(caller: Caller, subject: string, { kind, step, reason }: Operation): Promise<void> {
    const detail = {
      ...(step === undefined ? {} : { step }),
      ...(reason === undefined ? {} : { reason }),
    };
    return this.database.read(caller, (client, id) =>
      writeAudit(client, id, { actor: caller.actor, action: `enrolment.${kind}`, subject, detail }),
    );
  }
}

/** skipWait names the visit that it means; where the caller doesn't, it is the one that the enrolment stands at now. */
function argsOf(
  { command }: Enrolment,
  { kind, step, visit, reason }: Operation,
  who: Pick<OperatorArgs, 'requestId' | 'actor'>,
): OperatorArgs {
  if (kind !== 'skipWait') return reason === undefined ? who : { ...who, reason };
  const standing = command?.['kind'] === 'wait' ? command : null;
  const wantedStep = step ?? standing?.['step'];
  const wantedVisit = visit ?? standing?.['visit'];
  if (typeof wantedStep !== 'string' || typeof wantedVisit !== 'number') {
    throw new ThroughlineError('conflict', 'The enrolment is not waiting.');
  }
  return { ...who, step: wantedStep, visit: wantedVisit };
}
