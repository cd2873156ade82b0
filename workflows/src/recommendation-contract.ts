/** The payloads of refreshRecommendations; part of the contract. */
/** A run that a schedule begins has no id of its own yet. */
export interface RecommendationsRequest {
  readonly workspaceId: string;
  readonly runId: string | null;
}

export interface RecommendationsRef {
  readonly workspaceId: string;
  readonly runId: string;
}

/** Numbers of baskets and items, never whose. */
export interface RecommendationsReport {
  readonly state: 'more' | 'over';
  readonly baskets: number;
  readonly items: number;
  readonly pairs: number;
}

export interface RecommendationsActivities {
  /** null: nobody wants the run any more */
  openRefresh(request: RecommendationsRequest): Promise<RecommendationsRef | null>;
  /** counts all orders within the window; as a whole or not at all. over: the run had ended before */
  countBaskets(ref: RecommendationsRef): Promise<RecommendationsReport>;
  /** from here on the run's model answers */
  publishModel(ref: RecommendationsRef): Promise<void>;
  /** the run was cancelled: the old model goes on answering */
  endRefresh(ref: RecommendationsRef): Promise<void>;
}
