/** Where a value of a person or of an event stands: the readers of domain `traitValue` and `atPath`, as expressions over jsonb. */
import type { SqlParameters } from './sql-parameters.js';

/** Only these columns are ever read by a condition; what a definition names is a key inside them, bound as a parameter. */
const TRAITS = 'c.traits';
const PROPERTIES = `(e.body -> 'properties')`;

/** The value of a trait; SQL null where it is missing or unset. A dotted name reads into an object, unless a trait has that name. */
export function traitSql(name: string, parameters: SqlParameters): string {
  const whole = `(${TRAITS} -> ${parameters.bind(name, 'text')} -> 'v')`;
  const dot = name.indexOf('.');
  if (dot === -1) return present(whole);
  const root = `(${TRAITS} -> ${parameters.bind(name.slice(0, dot), 'text')} -> 'v')`;
  const inner = pathSql(root, name.slice(dot + 1), parameters);
  return present(
    `case when ${TRAITS} ? ${parameters.bind(name, 'text')} then ${whole} else ${inner} end`,
  );
}

/** The value at a dotted path of an event's properties; SQL null where it is missing or null. */
export function propertySql(path: string, parameters: SqlParameters): string {
  return present(pathSql(PROPERTIES, path, parameters));
}

const INDEX = /^\d{1,9}$/;

/** `->` with text finds keys of objects only; a whole number may also be the place in a list, which `#>` reads as both. */
function pathSql(from: string, path: string, parameters: SqlParameters): string {
  return path
    .split('.')
    .reduce(
      (sql, key) =>
        INDEX.test(key)
          ? `(${sql} #> ${parameters.bind([key], 'text[]')})`
          : `(${sql} -> ${parameters.bind(key, 'text')})`,
      from,
    );
}

/** JSON null and missing are the same to every operator. */
function present(sql: string): string {
  return `nullif(${sql}, 'null'::jsonb)`;
}
