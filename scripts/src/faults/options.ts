/** The options of `npm run test:faults`, and what is wrong with them in a sentence. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Failure, messageOf } from '../failure.js';

export interface FaultsOptions {
  /** how long shoppers pass and processes die; settling and the operations come on top */
  readonly minutes: number;
  readonly kills: number;
  readonly shoppers: number;
  readonly seed: number;
}

const MINUTES = 8;
const KILLS = 50;
/** 500 shoppers in the long form. */
const SHOPPERS_PER_MINUTE = 62.5;

export function readFaultsOptions(
  args: readonly string[],
  makeSeed: () => number = () => randomInt(2 ** 31),
): FaultsOptions {
  const given = parse(args);
  const minutes = number('minutes', given.minutes, { least: 0.25, most: 600 }) ?? MINUTES;
  return {
    minutes,
    kills: whole('kills', given.kills, { least: 0, most: 5_000 }) ?? KILLS,
    shoppers:
      whole('shoppers', given.shoppers, { least: 1, most: 50_000 }) ??
      Math.max(10, Math.round(minutes * SHOPPERS_PER_MINUTE)),
    seed: whole('seed', given.seed, { least: 0, most: 2 ** 32 - 1 }) ?? makeSeed(),
  };
}

function parse(args: readonly string[]) {
  const type = 'string' as const;
  try {
    return parseArgs({
      args: [...args],
      options: { minutes: { type }, kills: { type }, shoppers: { type }, seed: { type } },
    }).values;
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

interface Range {
  readonly least: number;
  readonly most: number;
}

function number(flag: string, text: string | undefined, range: Range): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= range.least && value <= range.most) return value;
  throw wrong(`--${flag} takes a number from ${range.least} to ${range.most}, not "${text}".`);
}

function whole(flag: string, text: string | undefined, range: Range): number | undefined {
  const value = number(flag, text, range);
  if (value === undefined || Number.isInteger(value)) return value;
  throw wrong(`--${flag} takes a whole number, not "${text ?? ''}".`);
}

function wrong(sentence: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence,
    command: 'npm run test:faults -- --minutes 2 --kills 6',
    details: ['Options: --minutes N, --kills N, --shoppers N, --seed N.'],
  });
}
