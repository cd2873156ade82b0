import type { Json, JsonObject } from '../shared/index.js';
import type { MappingCode } from './mapping-code.js';

/** What an attribute's values are. Money is a number in the unit of the currency that stands beside it. */
export type AttributeType =
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'date'
  | 'time'
  | 'email'
  | 'phone'
  | 'country'
  | 'money'
  | 'list';

/** Where in an event a value belongs. */
export type AttributeRole =
  | { readonly kind: 'identifier'; readonly identifier: string }
  | { readonly kind: 'trait'; readonly trait: string }
  | { readonly kind: 'property'; readonly property: string }
  /** of the one product that a row is about: an order lists it, any other event carries it among its properties */
  | { readonly kind: 'product'; readonly property: string }
  | { readonly kind: 'eventName' }
  | { readonly kind: 'eventTime' }
  | { readonly kind: 'messageId' }
  /** channel `*`: all of them */
  | { readonly kind: 'consent'; readonly purpose: string; readonly channel: string };

/** How carefully a value is shown: `special` is what the law protects most, health and faith among it. */
export type Sensitivity = 'none' | 'personal' | 'special';

export interface Attribute {
  readonly key: string;
  readonly label: string;
  readonly type: AttributeType;
  readonly role: AttributeRole;
  readonly sensitivity: Sensitivity;
  readonly description?: string;
}

export type Catalogue = readonly Attribute[];

export type MappingTarget = 'customers' | 'events' | 'orders';

/**
 * What becomes of a value that is not what its attribute asks for: kept in silence, kept with a warning, left out with a warning,
 * or the whole row is rejected.
 */
export type Level = 'allow' | 'warn' | 'omit' | 'quarantine';

export type Scalar = string | number | boolean;

export type Source =
  | { readonly path: string }
  /** the first of these paths that says anything */
  | { readonly firstOf: readonly string[] }
  | { readonly constant: Scalar }
  | { readonly template: string };

export const TIME_FORMATS = [
  'iso',
  'epoch_s',
  'epoch_ms',
  'dd.mm.yyyy',
  'dd/mm/yyyy',
  'mm/dd/yyyy',
  'dd-mm-yyyy',
  'yyyy/mm/dd',
  'yyyymmdd',
] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

export type DecimalMark = 'point' | 'comma';

export type SimpleCast =
  | { readonly cast: 'text' }
  | { readonly cast: 'number'; readonly decimal?: DecimalMark }
  | { readonly cast: 'integer'; readonly decimal?: DecimalMark }
  | { readonly cast: 'boolean' }
  | { readonly cast: 'date'; readonly format?: TimeFormat; readonly zone?: string }
  | { readonly cast: 'time'; readonly format?: TimeFormat; readonly zone?: string }
  | { readonly cast: 'json' }
  | { readonly cast: 'list'; readonly separator?: string }
  /** one part of a text; from the end where the index is negative */
  | { readonly cast: 'part'; readonly separator: string; readonly index: number }
  /** a table of words; null is "says nothing" */
  | { readonly cast: 'words'; readonly words: Readonly<Record<string, Scalar | null>> };

/** Changes the type of a value. `items`: of each object in a list, these fields under these names. */
export type Cast =
  SimpleCast | { readonly cast: 'items'; readonly pick: Readonly<Record<string, PickedField>> };

export interface PickedField {
  readonly path: string;
  readonly casts?: readonly SimpleCast[];
}

/** Changes how a text is written, never what it says. */
export const NORMALISERS = [
  'trim',
  'collapse',
  'lower',
  'upper',
  'name',
  'email',
  'phone',
  'country',
  'currency',
  'date',
] as const;
export type NormaliserName = (typeof NORMALISERS)[number];
export type Normaliser =
  NormaliserName | { readonly rule: 'phone'; /** alpha-2 */ readonly country: string };

export interface MappingField {
  /** key of the attribute */
  readonly to: string;
  readonly from: Source;
  readonly casts?: readonly Cast[];
  readonly normalise?: readonly Normaliser[];
  /** default quarantine: nothing wrong comes in unless somebody said so */
  readonly level?: Level;
  /** where the source has nothing */
  readonly default?: Scalar;
  /** of a consent: the path of the time at which it was given, where that is not the time of the event */
  readonly saidAt?: string;
}

/** How the rows of one source become events. Immutable once published; a new version never changes what came before. */
export interface Mapping {
  readonly key: string;
  readonly name?: string;
  readonly target: MappingTarget;
  /** path of a list in a payload, each element of which is an event */
  readonly each?: string;
  /** alpha-2: of phone numbers without a + */
  readonly country?: string;
  /** of times without an offset; default UTC */
  readonly zone?: string;
  readonly fields: readonly MappingField[];
}

export interface MappingWarning {
  readonly code: MappingCode;
  /** key of the attribute */
  readonly field: string;
  readonly detail: string;
  readonly action: 'kept' | 'omitted';
}

export interface MappingRejection {
  readonly code: MappingCode;
  readonly field: string | null;
  readonly detail: string;
}

/** What one row became. No events and no rejection never happens. */
export interface MappedRow {
  /** bodies in Segment's shape; a consent that needs a time or channel of its own is an event of its own */
  readonly events: readonly JsonObject[];
  readonly warnings: readonly MappingWarning[];
  readonly rejection: MappingRejection | null;
}

export interface MapContext {
  readonly catalogue: Catalogue;
  /** the same whenever the same data comes again: hash of a file's content, key of a pull or of a source */
  readonly importKey: string;
  /** names the row within it: its number, its primary key, the id of a webhook */
  readonly rowId: string;
  /** ms; the time of what has no time of its own */
  readonly importedAt: number;
  /** of files and tables: the same row may stand in several of them. A webhook says what it says by its own id. */
  readonly rowsRepeat?: boolean;
}

/** A value on its way through casts and normalisers. Undefined: the source has nothing to say. */
export type Worked =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly code: MappingCode; readonly detail: string };
