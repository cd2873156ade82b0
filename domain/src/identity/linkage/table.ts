/** Rows as numbers: each column keeps its distinct values once, rows hold their codes. */
import { cleanValue, writesDayFirst } from './clean.js';
import { guessKind, type ColumnKind } from './kinds.js';
import { splitName } from './split-name.js';
import { finish, type Steps } from './steps.js';

export interface LinkageColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** per row: the number of its value, -1 where it is missing */
  readonly codes: Int32Array;
  readonly values: readonly string[];
  /** per value: how many rows hold it */
  readonly counts: Int32Array;
  /** rows that hold a value */
  readonly present: number;
}

export interface LinkageTable {
  readonly rows: number;
  readonly columns: readonly LinkageColumn[];
}

/** What is known about the columns; 'ignore' leaves one out, an absent one is guessed. */
export type KnownKinds = Readonly<Record<string, ColumnKind | 'ignore'>>;

/** Takes rows one by one, so that whoever exports pages never holds them all. Columns may turn up late. */
export class TableBuilder {
  private rows = 0;
  private readonly columns = new Map<string, RawColumn>();

  constructor(names: readonly string[] = []) {
    for (const name of names) this.columns.set(name, new RawColumn(name));
  }

  /** Values in the order of the names that the builder was made with. */
  add(values: readonly (string | null | undefined)[]): void {
    let at = 0;
    for (const column of this.columns.values()) {
      column.put(this.rows, values[at] ?? '');
      at += 1;
    }
    this.rows += 1;
  }

  addRecord(record: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(record)) {
      const column = this.columns.get(name) ?? new RawColumn(name);
      this.columns.set(name, column);
      column.put(this.rows, value);
    }
    this.rows += 1;
  }

  names(): string[] {
    return [...this.columns.keys()];
  }

  build(known: KnownKinds = {}): LinkageTable {
    return finish(this.buildInSteps(known));
  }

  /** Without `known`, every column is guessed; with it, only those it leaves open are. */
  *buildInSteps(known: KnownKinds = {}): Steps<LinkageTable> {
    const kinds = new Map<RawColumn, ColumnKind>();
    for (const column of this.columns.values()) {
      const kind = kindOf(column, known[column.name]);
      if (kind !== null) kinds.set(column, kind);
      yield;
    }
    const has = (wanted: ColumnKind): boolean => [...kinds.values()].includes(wanted);
    const [given, family] = [has('given_name'), has('family_name')];
    const columns: LinkageColumn[] = [];
    for (const [column, kind] of kinds) {
      if (kind !== 'full_name' || given !== family) columns.push(column.clean(kind, this.rows));
      // With both parts in columns of their own, the whole would say the same again.
      else if (!given) columns.push(...column.cleanParts(this.rows));
      yield;
    }
    return { rows: this.rows, columns };
  }
}

function kindOf(column: RawColumn, told: ColumnKind | 'ignore' | undefined): ColumnKind | null {
  if (told === 'ignore') return null;
  return told ?? guessKind(column.name, column.distinct(), column.present());
}

const FIRST_ROOM = 1_024;

class RawColumn {
  private readonly codes = new Map<string, number>([['', 0]]);
  private rows = new Int32Array(FIRST_ROOM);

  constructor(readonly name: string) {}

  /** Rows that were left out hold nothing. */
  put(row: number, value: string): void {
    let code = this.codes.get(value);
    if (code === undefined) {
      code = this.codes.size;
      this.codes.set(value, code);
    }
    if (row >= this.rows.length) {
      const wider = new Int32Array(Math.max(row + 1, this.rows.length * 2));
      wider.set(this.rows);
      this.rows = wider;
    }
    this.rows[row] = code;
  }

  distinct(): string[] {
    return [...this.codes.keys()].filter((value) => value.trim() !== '');
  }

  /** Rows with a value that is more than spaces. */
  present(): number {
    const blank = [...this.codes.keys()].map((value) => value.trim() === '');
    let present = 0;
    for (const code of this.rows) if (blank[code] !== true) present += 1;
    return present;
  }

  /** A column for each part of a whole name. */
  cleanParts(rows: number): LinkageColumn[] {
    const parts = [...this.codes.keys()].map(splitName);
    const given = this.cleaned(
      'given_name',
      rows,
      parts.map((part) => part.given),
    );
    const family = this.cleaned(
      'family_name',
      rows,
      parts.map((part) => part.family),
    );
    return [
      { ...given, name: `${this.name} (given)` },
      { ...family, name: `${this.name} (family)` },
    ];
  }

  clean(kind: ColumnKind, rows: number): LinkageColumn {
    return this.cleaned(kind, rows, [...this.codes.keys()]);
  }

  /** Values that differ in decoration only become one. `raw` holds what each number stands for. */
  private cleaned(kind: ColumnKind, rows: number, raw: readonly string[]): LinkageColumn {
    const dayFirst = kind === 'date' && writesDayFirst(raw);
    const numbers = new Map<string, number>();
    const renumbered = Int32Array.from(raw, (value) => {
      const text = cleanValue(kind, value, dayFirst);
      if (text === null) return -1;
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return number;
    });
    const codes = new Int32Array(rows);
    const counts = new Int32Array(numbers.size);
    let present = 0;
    for (let row = 0; row < rows; row += 1) {
      const code = renumbered[this.rows[row] ?? 0] ?? -1;
      codes[row] = code;
      if (code < 0) continue;
      counts[code] = (counts[code] ?? 0) + 1;
      present += 1;
    }
    return { name: this.name, kind, codes, values: [...numbers.keys()], counts, present };
  }
}
