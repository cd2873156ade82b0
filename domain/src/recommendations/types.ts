/** What is known of items that are bought together, and of the items themselves. */

/** How often two items met, and how often each was there at all: everything else follows from the four numbers. */
export interface PairCounts {
  /** baskets that hold both */
  readonly both: number;
  readonly left: number;
  readonly right: number;
  /** baskets in all */
  readonly baskets: number;
}

export interface PairMeasures {
  readonly support: number;
  /** of the baskets with the left item, the share that holds the right one too */
  readonly confidence: number;
  readonly lift: number;
  readonly jaccard: number;
  readonly cosine: number;
}

/** One item as a relative of another. */
export interface RelatedItem {
  readonly itemId: string;
  readonly both: number;
}

/** As much of a model as a decision needs: the whole of it, or the rows of one person's history. */
export interface RecommendationModel {
  readonly baskets: number;
  /** in how many baskets an item was */
  readonly items: ReadonlyMap<string, number>;
  /** the relatives of an item, strongest first */
  readonly related: ReadonlyMap<string, readonly RelatedItem[]>;
  readonly shrinkage: number;
}

export interface ModelSettings {
  /** pairs that met less often are chance */
  readonly minSupport: number;
  /** relatives kept for an item */
  readonly perItem: number;
  /** baskets' worth of doubt with which a pair begins */
  readonly shrinkage: number;
}

export interface RecommendationRequest {
  readonly n: number;
  /** never to be shown: what was bought, and what the catalogue rules out */
  readonly exclude: ReadonlySet<string>;
}

export interface RankedItem {
  readonly itemId: string;
  readonly score: number;
  /** the item of the history that speaks for it most; null: it is popular, no more */
  readonly because: string | null;
}

/** One order line of a log. */
export interface Purchase {
  readonly customer: string;
  /** ms since epoch */
  readonly at: number;
  readonly item: string;
}
