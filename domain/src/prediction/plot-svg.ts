/** A model card's figures as pictures: text that is the same for the same card, with words for those who do not see it. */
import type { ModelCard } from './model-card.js';

export const PLOTS = ['calibration', 'lift', 'distribution'] as const;
export type Plot = (typeof PLOTS)[number];

const WIDTH = 480;
const HEIGHT = 320;
const EDGE = { left: 56, right: 16, top: 36, bottom: 44 };
const INNER = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };

interface Picture {
  readonly title: string;
  readonly words: string;
  readonly across: string;
  readonly up: string;
  /** the largest value of each axis */
  readonly most: { readonly across: number; readonly up: number };
  readonly marks: readonly string[];
}

export function plotSvg(card: ModelCard, plot: Plot): string {
  const picture = PICTURES[plot](card);
  const { title, words, marks } = picture;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title words" font-family="sans-serif" font-size="12">`,
    `<title id="title">${escaped(`${card.name}: ${title}`)}</title>`,
    `<desc id="words">${escaped(words)}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${EDGE.left}" y="22" font-size="14" fill="#1a1a1a">${escaped(title)}</text>`,
    ...axes(picture),
    ...marks,
    '</svg>',
    '',
  ].join('\n');
}

const PICTURES: Readonly<Record<Plot, (card: ModelCard) => Picture>> = {
  calibration: ({ calibrationBins }) => ({
    title: 'What was said and what came',
    words: calibrationBins
      .map(({ predicted, observed }) => `said ${predicted.toFixed(2)}, came ${observed.toFixed(2)}`)
      .join('; '),
    across: 'probability said',
    up: 'share that came true',
    most: { across: 1, up: 1 },
    marks: [
      `<line x1="${x(0, 1)}" y1="${y(0, 1)}" x2="${x(1, 1)}" y2="${y(1, 1)}" stroke="#767676" stroke-dasharray="4 4"/>`,
      ...calibrationBins.map(
        ({ predicted, observed }) =>
          `<circle cx="${x(predicted, 1)}" cy="${y(observed, 1)}" r="5" fill="#0b5cad"/>`,
      ),
    ],
  }),
  lift: ({ measures: { lift } }) => {
    const most = Math.max(1, ...lift);
    return {
      title: 'Lift by tenth, best first',
      words: lift.map((each, at) => `tenth ${at + 1}: ${each.toFixed(2)}`).join('; '),
      across: 'tenth',
      up: 'lift',
      most: { across: lift.length, up: most },
      marks: [
        ...bars(lift, most),
        `<line x1="${x(0, 1)}" y1="${y(1, most)}" x2="${x(1, 1)}" y2="${y(1, most)}" stroke="#767676" stroke-dasharray="4 4"/>`,
      ],
    };
  },
  distribution: ({ distribution }) => {
    const most = Math.max(1, ...distribution);
    return {
      title: 'Customers by probability',
      words: distribution
        .map((count, at) => `${(at / 10).toFixed(1)} to ${((at + 1) / 10).toFixed(1)}: ${count}`)
        .join('; '),
      across: 'probability',
      up: 'customers',
      most: { across: 1, up: most },
      marks: bars(distribution, most),
    };
  },
};

function bars(values: readonly number[], most: number): string[] {
  return values.map((value, at) => {
    const left = x(at + 0.1, values.length);
    const width = rounded((0.8 * INNER.width) / values.length);
    const top = y(value, most);
    const height = rounded(EDGE.top + INNER.height - top);
    return `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#0b5cad"/>`;
  });
}

function axes({ across, up, most }: Picture): string[] {
  const bottom = EDGE.top + INNER.height;
  const right = EDGE.left + INNER.width;
  const text = (at: string, words: string): string =>
    `<text ${at} fill="#1a1a1a">${escaped(words)}</text>`;
  return [
    `<path d="M${EDGE.left} ${EDGE.top}V${bottom}H${right}" fill="none" stroke="#1a1a1a"/>`,
    text(`x="${EDGE.left}" y="${bottom + 16}" text-anchor="middle"`, '0'),
    text(`x="${right}" y="${bottom + 16}" text-anchor="end"`, String(most.across)),
    text(`x="${EDGE.left - 6}" y="${EDGE.top + 4}" text-anchor="end"`, shown(most.up)),
    text(`x="${(EDGE.left + right) / 2}" y="${HEIGHT - 10}" text-anchor="middle"`, across),
    text(
      `x="16" y="${EDGE.top + INNER.height / 2}" text-anchor="middle" transform="rotate(-90 16 ${EDGE.top + INNER.height / 2})"`,
      up,
    ),
  ];
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function x(value: number, most: number): number {
  return rounded(EDGE.left + (INNER.width * value) / most);
}

function y(value: number, most: number): number {
  return rounded(EDGE.top + INNER.height * (1 - value / most));
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
