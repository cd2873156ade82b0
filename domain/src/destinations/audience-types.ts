/** Audiences: what an operator writes down, what is known of a person, and what is to be done about them. */
export const AUDIENCE_MODES = ['mirror', 'additive', 'subtractive'] as const;

export const AUDIENCE_FIELDS = [
  'email',
  'phone',
  'firstName',
  'lastName',
  'gender',
  'birthDate',
  'city',
  'state',
  'postalCode',
  'country',
  'mobileAdId',
  'externalId',
] as const;

export type AudienceMode = (typeof AUDIENCE_MODES)[number];
export type AudienceField = (typeof AUDIENCE_FIELDS)[number];

/** Where a field is taken from. */
export type FieldSource = { readonly identifier: string } | { readonly trait: string };

export interface AudienceDefinition {
  readonly key: string;
  readonly name?: string;
  readonly segment: string;
  readonly connection: string;
  readonly audienceId: string;
  readonly mode: AudienceMode;
  readonly purpose: string;
  readonly consentChannel: string;
  readonly fields: Readonly<Partial<Record<AudienceField, FieldSource>>>;
  readonly schedule: 'live' | { readonly everyMinutes: number };
}

/** What a destination is told of one person: the audience, and the fields that there are. */
export type AudienceInput = Readonly<Record<string, string>>;

/** What PostgreSQL knows of somebody as it is now. */
export interface AudiencePerson {
  /** erased, absorbed by a merge, or never there */
  readonly gone: boolean;
  readonly inSegment: boolean;
  readonly consented: boolean;
  /** null: nothing that the destination could match by */
  readonly input: AudienceInput | null;
}

export type AudienceRefusal = 'gone' | 'not_in_segment' | 'no_consent' | 'nothing_to_match';

export type AudiencePlan =
  | { readonly kind: 'none'; readonly why: AudienceRefusal | 'as_told' }
  | { readonly kind: 'add'; readonly input: AudienceInput }
  /** by what it was told, whatever the person is called by now */
  | {
      readonly kind: 'remove';
      readonly input: AudienceInput;
      readonly why: AudienceRefusal | 'changed';
    }
  /** nothing is sent: the destination is taken to know them already */
  | { readonly kind: 'note'; readonly input: AudienceInput };
