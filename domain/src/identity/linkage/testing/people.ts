/**
 * Made-up people for tests: households that share address, surname and sometimes the phone, and rows of one person that differ by
 * slips, gaps, changed places and moves. The same seed makes the same people.
 */
import { seededChance } from '../../../shared/index.js';
import { TableBuilder, type LinkageTable } from '../table.js';

export const COLUMNS = [
  'given_name',
  'surname',
  'date_of_birth',
  'email',
  'phone',
  'street',
  'city',
  'postcode',
] as const;

type Person = Record<(typeof COLUMNS)[number], string>;

export interface People {
  readonly rows: readonly Person[];
  readonly truth: readonly string[];
}

export interface PeopleOptions {
  readonly seed: number;
  readonly people: number;
  /** 0: no mistakes; 1: about one field in six of every further row */
  readonly mistakes?: number;
  /** people per household */
  readonly household?: number;
}

const SYLLABLES =
  'an ber cor dan el fin gar hol is jen kar lin mor nor ol per quin ros sten tor ul ver'.split(' ');

export function makePeople({ seed, people, mistakes = 1, household = 1 }: PeopleOptions): People {
  const dice = new Dice(seed);
  const rows: Person[] = [];
  const truth: string[] = [];
  let home = dice.home();
  for (let number = 0; number < people; number += 1) {
    if (number % household === 0) home = dice.home();
    const person = dice.person(home);
    const copies = dice.below(4);
    for (let copy = 0; copy <= copies; copy += 1) {
      rows.push(copy === 0 ? person : dice.spoil(person, mistakes));
      truth.push(`p${number}`);
    }
  }
  return { rows, truth };
}

export function tableOf(
  { rows }: Pick<People, 'rows'>,
  columns: readonly (typeof COLUMNS)[number][] = COLUMNS,
): LinkageTable {
  const builder = new TableBuilder(columns);
  for (const row of rows) builder.add(columns.map((name) => row[name]));
  return builder.build();
}

type Home = Pick<Person, 'surname' | 'street' | 'city' | 'postcode' | 'phone'>;

class Dice {
  private readonly chance: () => number;

  constructor(seed: number) {
    this.chance = seededChance(seed);
  }

  below(most: number): number {
    return Math.floor(this.chance() * most);
  }

  home(): Home {
    const town = this.below(60);
    return {
      surname: this.word(2),
      street: `${1 + this.below(150)} ${this.word(2)} street`,
      city: `${SYLLABLES[town % 22] ?? ''}${SYLLABLES[(town * 7) % 22] ?? ''}ton`,
      postcode: String(10_000 + town * 1_371),
      phone: this.digits(10),
    };
  }

  person(home: Home): Person {
    const given = this.word(1 + this.below(2));
    const year = 1940 + this.below(65);
    const date = `${year}-${two(1 + this.below(12))}-${two(1 + this.below(28))}`;
    return {
      ...home,
      given_name: given,
      date_of_birth: date,
      email: `${given}.${home.surname}${this.below(1_000)}@example.com`,
      phone: this.below(3) === 0 ? home.phone : this.digits(10),
    };
  }

  spoil(person: Person, mistakes: number): Person {
    const spoilt = { ...person };
    for (const column of COLUMNS) {
      const luck = this.chance();
      if (luck < 0.06 * mistakes) spoilt[column] = '';
      else if (luck < 0.16 * mistakes) spoilt[column] = this.slip(spoilt[column]);
    }
    if (this.chance() < 0.04 * mistakes)
      [spoilt.given_name, spoilt.surname] = [spoilt.surname, spoilt.given_name];
    if (this.chance() < 0.06 * mistakes) {
      const { street, city, postcode } = this.home();
      Object.assign(spoilt, { street, city, postcode });
    }
    return spoilt;
  }

  private slip(text: string): string {
    const at = this.below(text.length);
    const letter = /\d/.test(text) ? String(this.below(10)) : 'e';
    const kind = this.below(3);
    if (kind === 0) return text.slice(0, at) + letter + text.slice(at + 1);
    return kind === 1
      ? text.slice(0, at) + text.slice(at + 1)
      : text.slice(0, at) + letter + text.slice(at);
  }

  private word(syllables: number): string {
    return Array.from(
      { length: syllables + 1 },
      () => SYLLABLES[this.below(SYLLABLES.length)] ?? '',
    ).join('');
  }

  private digits(count: number): string {
    return `0${Array.from({ length: count - 1 }, () => this.below(10)).join('')}`;
  }
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
