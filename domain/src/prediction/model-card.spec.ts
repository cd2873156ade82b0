import { describe, expect, it } from '@jest/globals';
import { cardMarkdown } from './card-markdown.js';
import { modelCard, type CardFacts } from './model-card.js';
import { PLOTS, plotSvg } from './plot-svg.js';
import { people } from './testing/labelled.js';

const FACTS: CardFacts = {
  name: 'Silence <90 days> | shop',
  kind: 'churn',
  method: 'logistic regression',
  predicts: 'A customer does not order within 90 days.',
  horizonDays: 90,
  learntAt: '2026-01-01T00:00:00.000Z',
  measuredAt: '2026-04-01T00:00:00.000Z',
  trainedAt: '2026-07-01T00:00:00.000Z',
  learntRows: 1_234,
  features: ['days', 'plan'],
  parameters: { l2: 1 },
  gates: [{ gate: 'doers', needed: 100, found: 99, ok: false }],
  calibration: 'isotonic',
};

const { truth, labels, rows } = people(1_000, 8);
const recency = Float64Array.from(rows, (row) => Number(row['days']));
const card = modelCard(FACTS, { scores: truth, labels, recency });

describe('a model card', () => {
  it('holds measures beside those of silence alone', () => {
    expect(card.measures.rows).toBe(1_000);
    expect(card.measures.auc).toBeGreaterThan(card.baselineRecencyAuc);
    expect(card.baselineRecencyAuc).toBeGreaterThan(0.6);
    expect(card.distribution.reduce((sum, each) => sum + each, 0)).toBe(1_000);
    expect(card.calibrationBins).toHaveLength(10);
    expect(card.notes).toEqual([]);
    expect(JSON.parse(JSON.stringify(card))).toEqual(card);
  });

  it('warns of what is too good, no better than silence, or off the mark', () => {
    const perfect = Float64Array.from(labels, (label) => (label === 1 ? 0.9 : 0.1));
    const knowing = modelCard(FACTS, { scores: perfect, labels, recency });
    expect(knowing.notes.join(' ')).toMatch(/knows the answer/);
    const lazy = modelCard(FACTS, { scores: recency.map((each) => each / 400), labels, recency });
    expect(lazy.notes.join(' ')).toMatch(/Silence alone.*off by more than a tenth/);
  });

  it('reads as text, with every gate and measure', () => {
    const text = cardMarkdown(card);
    expect(text).toMatch(/^# Silence/);
    expect(text).toContain(`| AUC | ${card.measures.auc.toFixed(4)} |`);
    expect(text).toContain('| doers | 100 | 99 | no |');
    expect(text).toContain('- l2: 1');
    expect(text).toContain('had been received');
    expect(text.split('\n').filter((line) => /^\| (10|[1-9]) \|/.test(line))).toHaveLength(10);
    expect(cardMarkdown(card)).toBe(text);
  });
});

describe.each(PLOTS)('the picture of %s', (plot) => {
  const svg = plotSvg(card, plot);

  it('is the same for the same card, and says in words what it shows', () => {
    expect(plotSvg(card, plot)).toBe(svg);
    expect(svg).toMatch(/role="img" aria-labelledby="title words"/);
    expect(svg).toMatch(/<title id="title">Silence &lt;90 days&gt; \| shop: /);
    expect(/<desc id="words">(.+)<\/desc>/.exec(svg)?.[1]?.split(';')).toHaveLength(10);
  });

  it('draws within its frame, with numbers that are numbers', () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const heights = [...svg.matchAll(/ (?:cy|y|y1|y2)="([^"]+)"/g)].map(([, y]) => Number(y));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...heights)).toBeLessThanOrEqual(320);
  });
});
