/**
 * What a generated statement may hold: literals of ours, and `$n`. Everything that a definition says (names, paths, values) goes
 * through here, so no text of a caller ever becomes SQL.
 */
export interface SqlQuery {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export type SqlValue = string | number | readonly string[];

export class SqlParameters {
  readonly values: SqlValue[] = [];
  private readonly known = new Map<string, string>();

  /** A placeholder with its type, the same one for a value that was bound before: PostgreSQL sees equal terms as equal. */
  bind(value: SqlValue, type: SqlType): string {
    const id = `${type} ${JSON.stringify(value)}`;
    let placeholder = this.known.get(id);
    if (placeholder === undefined) {
      this.values.push(value);
      placeholder = `$${this.values.length}::${type}`;
      this.known.set(id, placeholder);
    }
    return placeholder;
  }
}

export type SqlType =
  'uuid' | 'uuid[]' | 'text' | 'text[]' | 'jsonb' | 'jsonb[]' | 'bigint' | 'int' | 'timestamptz';
