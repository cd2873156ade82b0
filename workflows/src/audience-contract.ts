/** The payloads of syncAudience; part of the contract. */
export interface AudienceRequest {
  readonly workspaceId: string;
  readonly runId: string;
}

/** Numbers of pages, never people. */
export interface AudienceReport {
  readonly state: 'more' | 'over';
  readonly pages: number;
}

export interface AudienceActivities {
  syncAudiencePages(request: AudienceRequest): Promise<AudienceReport>;
  /** it has failed too long: what is due stays due for the next run */
  giveUpAudience(request: AudienceRequest): Promise<void>;
}
