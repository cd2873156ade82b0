/** `channel: '*'` speaks for every channel of the purpose that has no word of its own. */
export type ConsentState = 'granted' | 'denied' | 'revoked';

/** What an event says about consent. */
export interface ConsentAssertion {
  readonly purpose: string;
  readonly channel: string;
  readonly state: ConsentState;
}

/** What holds for a customer, and since which event time. */
export interface Consent extends ConsentAssertion {
  readonly eventTime: number;
  readonly position: number;
  readonly ordinal: number;
}
