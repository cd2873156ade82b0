/**
 * Gradient boosted trees over binned features: each tree is grown from histograms, so that a split costs bins, not rows. Categories
 * are ordered by how common they are, never by their label.
 */
import { binnedTable, binOf, binningsOf } from './bins.js';
import { growTree, leafOf } from './grow-tree.js';
import { sigmoid } from './special-functions.js';
import type { BoostingModel, FeatureRow, LabelledTable, Reason, Tree } from './types.js';

export interface BoostingOptions {
  readonly trees?: number;
  readonly depth?: number;
  readonly learningRate?: number;
  readonly bins?: number;
  /** a later fold; growing stops when it has learnt nothing new for a while */
  readonly validation?: LabelledTable;
}

const PATIENCE = 20;

export function fitBoosting(
  { table, labels }: LabelledTable,
  { trees = 120, depth = 3, learningRate = 0.1, bins = 64, validation }: BoostingOptions = {},
): BoostingModel {
  const binnings = binningsOf(table, Math.min(254, bins));
  const binned = binnedTable(binnings, table);
  const intercept = startOf(labels);
  const margins = new Float64Array(table.rows).fill(intercept);
  const watch = validation === undefined ? null : watcherOf(validation, binnings, intercept);
  const grown: Tree[] = [];
  let best = { trees: 0, loss: watch?.loss() ?? 0 };
  while (grown.length < trees) {
    const tree = growTree({ binned, labels, margins, depth });
    addTree(tree, { binned, margins, learningRate });
    grown.push(tree);
    if (watch === null) continue;
    addTree(tree, { ...watch, learningRate });
    const loss = watch.loss();
    if (loss < best.loss - 1e-6) best = { trees: grown.length, loss };
    else if (grown.length - best.trees >= PATIENCE) break;
  }
  const kept = watch === null ? grown : grown.slice(0, best.trees);
  return { kind: 'boosting', binnings, intercept, trees: kept, learningRate };
}

function startOf(labels: Uint8Array): number {
  const positives = labels.reduce((sum, each) => sum + each, 0);
  return Math.log((positives + 0.5) / (labels.length - positives + 0.5));
}

function watcherOf(
  { table, labels }: LabelledTable,
  binnings: BoostingModel['binnings'],
  intercept: number,
) {
  const margins = new Float64Array(table.rows).fill(intercept);
  const loss = (): number =>
    margins.reduce((sum, margin, at) => {
      const share = sigmoid((labels[at] ?? 0) === 1 ? margin : -margin);
      return sum - Math.log(Math.max(share, 1e-15));
    }, 0) / Math.max(1, table.rows);
  return { binned: binnedTable(binnings, table), margins, loss };
}

function addTree(
  tree: Tree,
  {
    binned,
    margins,
    learningRate,
  }: {
    readonly binned: readonly Uint8Array[];
    readonly margins: Float64Array;
    readonly learningRate: number;
  },
): void {
  for (let at = 0; at < margins.length; at += 1) {
    const leaf = leafOf(tree, (feature) => binned[feature]?.[at] ?? 0);
    margins[at] = (margins[at] ?? 0) + learningRate * (tree.value[leaf] ?? 0);
  }
}

export function boostingMargin(
  { binnings, trees, intercept, learningRate }: BoostingModel,
  row: FeatureRow,
): number {
  const bins = binnings.map((binning) => binOf(binning, row[binning.name]));
  return trees.reduce((sum, tree) => {
    const leaf = leafOf(tree, (feature) => bins[feature] ?? 0);
    return sum + learningRate * (tree.value[leaf] ?? 0);
  }, intercept);
}

/** On its way down a tree a customer's value changes at every split; the change belongs to the feature that was asked (Saabas). */
export function boostingReasons(model: BoostingModel, row: FeatureRow): Reason[] {
  const { binnings, trees, learningRate } = model;
  const bins = binnings.map((binning) => binOf(binning, row[binning.name]));
  const effects = new Float64Array(binnings.length);
  for (const tree of trees)
    leafOf(
      tree,
      (feature) => bins[feature] ?? 0,
      (node, next) => {
        const feature = tree.feature[node] ?? 0;
        const change = (tree.value[next] ?? 0) - (tree.value[node] ?? 0);
        effects[feature] = (effects[feature] ?? 0) + learningRate * change;
      },
    );
  return binnings.map(({ name }, at) => ({
    feature: name,
    value: row[name] ?? null,
    effect: effects[at] ?? 0,
  }));
}
