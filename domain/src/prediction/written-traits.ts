/**
 * The traits that a prediction writes. Churn and propensity write three, beginning with their prefix, else their key: a prediction
 * with the key `churn` writes `churn_probability`, `churn_percentile` and `churn_band`. A value without a prefix writes the four of
 * it bare (`expected_value`, `expected_next_order_at`, `rfm`, `rfm_group`) beside its own three; with one, all begin with it. Two
 * live predictions never write the same trait: the second is not published.
 */
import type { Json } from '../shared/index.js';

export interface NamedPrediction {
  readonly key: string;
  readonly kind: 'value' | 'churn' | 'propensity';
  readonly prefix?: string | undefined;
}

export interface TraitNames {
  readonly probability: string;
  readonly percentile: string;
  readonly band: string;
  /** null where the prediction says nothing of value */
  readonly value: {
    readonly expected: string;
    readonly nextOrderAt: string;
    readonly rfm: string;
    readonly group: string;
  } | null;
}

export function traitNames({ key, kind, prefix }: NamedPrediction): TraitNames {
  const own = prefix ?? key.replaceAll('-', '_');
  const bare = prefix === undefined ? '' : `${prefix}_`;
  return {
    probability: `${own}_probability`,
    percentile: `${own}_percentile`,
    band: `${own}_band`,
    value:
      kind === 'value'
        ? {
            expected: `${bare}expected_value`,
            nextOrderAt: `${bare}expected_next_order_at`,
            rfm: `${bare}rfm`,
            group: `${bare}rfm_group`,
          }
        : null,
  };
}

export function listTraitNames(prediction: NamedPrediction): readonly string[] {
  const { value, ...three } = traitNames(prediction);
  return [...Object.values(three), ...(value === null ? [] : Object.values(value))];
}

export interface ToldScore {
  readonly probability: number;
  readonly percentile: number;
  readonly band: string;
  readonly value: {
    readonly expected: number;
    /** ms since epoch; null: none is expected */
    readonly nextOrderAt: number | null;
    readonly rfm: string;
    readonly group: string;
  } | null;
}

/** Rounded, so that a last digit that moves is no change: four places of a probability, two of money, the day of an order. */
export function traitsOfScore(
  prediction: NamedPrediction,
  { probability, percentile, band, value }: ToldScore,
): Readonly<Record<string, Json>> {
  const names = traitNames(prediction);
  const told: Record<string, Json> = {
    [names.probability]: rounded(probability, 4),
    [names.percentile]: rounded(percentile, 2),
    [names.band]: band,
  };
  if (names.value === null || value === null) return told;
  return {
    ...told,
    [names.value.expected]: rounded(value.expected, 2),
    [names.value.nextOrderAt]: value.nextOrderAt === null ? null : dayOf(value.nextOrderAt),
    [names.value.rfm]: value.rfm,
    [names.value.group]: value.group,
  };
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}

function dayOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 10)}T00:00:00.000Z`;
}
