/** The payloads of scoreChurn; part of the contract. */
/** A run that a schedule begins has no id of its own yet. */
export interface PredictionRequest {
  readonly workspaceId: string;
  readonly predictionKey: string;
  readonly runId: string | null;
}

export interface PredictionRef {
  readonly workspaceId: string;
  readonly predictionKey: string;
  readonly runId: string;
}

/** Numbers of customers, never who they are nor what is said of them. */
export interface PredictionReport {
  /** what is to be done next; over: nothing, whether it is done, was refused, or was ended by somebody */
  readonly phase: 'train' | 'score' | 'publish' | 'retire' | 'over';
  readonly state: 'running' | 'done' | 'refused' | 'cancelled';
  readonly scored: number;
  /** customers of whom a trait changed */
  readonly changed: number;
}

export interface PredictionActivities {
  /** null: the schedule asked, and nobody wants the prediction any more */
  openPrediction(request: PredictionRequest): Promise<PredictionRef | null>;
  /** checks the data, trains, and lets the better of old and new be live; as a whole or not at all */
  trainPrediction(ref: PredictionRef): Promise<PredictionReport>;
  /** pages of scores, then of what they change; each in a transaction of its own */
  advancePrediction(ref: PredictionRef): Promise<PredictionReport>;
  closePrediction(ref: PredictionRef): Promise<PredictionReport>;
  /** the run was cancelled: what it has published stays, the rest is dropped */
  endPrediction(ref: PredictionRef): Promise<void>;
}
