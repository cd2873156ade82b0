/** Days as logs write them: 19970101, 1997-01-01 with or without a time, 01/31/1997 or 31/01/1997, whichever all values allow. */

type ReadDay = (cell: string) => string | undefined;

const PARTS = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})/;

/** Looks at all values first: one day above 12 says which part is the day. Where none does, the month comes first. */
export function dayReader(cells: Iterable<string>): ReadDay {
  let dayFirst = false;
  for (const cell of cells) {
    const parts = PARTS.exec(cell);
    if (parts !== null && Number(parts[1]) > 12) dayFirst = true;
  }
  return (cell) => {
    const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(cell);
    if (compact !== null) return checked(compact[1], compact[2], compact[3]);
    const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/.exec(cell);
    if (iso !== null) return checked(iso[1], iso[2], iso[3]);
    const parts = PARTS.exec(cell);
    if (parts === null) return undefined;
    return dayFirst ? checked(parts[3], parts[2], parts[1]) : checked(parts[3], parts[1], parts[2]);
  };
}

function checked(year = '', month = '', day = ''): string | undefined {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  // The 31st of a short month would be read as the 1st of the next.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text
    ? undefined
    : text;
}
