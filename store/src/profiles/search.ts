/** Customers by the beginning of any identifier. */
import type { Queryable } from '../shared/index.js';

export interface FoundCustomer {
  readonly customerId: string;
  readonly matched: readonly { readonly type: string; readonly value: string }[];
}

export interface SearchPage {
  readonly text: string;
  /** identifiers of these types are not looked at */
  readonly without: readonly string[];
  readonly after: string | null;
  readonly limit: number;
}

/** By bytes and not by language: so a beginning is a range, and the operators may run under row-level security. */
export async function searchCustomers(
  client: Queryable,
  workspaceId: string,
  { text, without, after, limit }: SearchPage,
): Promise<FoundCustomer[]> {
  const { rows } = await client.query<FoundCustomer>(
    `select i.customer_id as "customerId",
            json_agg(json_build_object('type', i.type, 'value', i.value) order by i.type, i.value) as matched
       from identifier i
       join unnest($2::text[]) as p(prefix) on i.value ~>=~ p.prefix and i.value ~<~ (p.prefix || $3)
      where i.workspace_id = $1 and i.type <> all($4::text[]) and ($5::uuid is null or i.customer_id > $5)
      group by i.customer_id order by i.customer_id limit $6`,
    [workspaceId, formsOf(text), LAST_CHARACTER, without, after, limit],
  );
  return rows;
}

const LAST_CHARACTER = '\u{10FFFF}';

/** As written, and as addresses and numbers are stored; each form once, and none that begins with another. */
function formsOf(text: string): string[] {
  const compact = text.startsWith('+') ? text.replace(/[\s().\-/]/gu, '') : text;
  const forms = [...new Set([text, text.normalize('NFC').toLowerCase(), compact])];
  return forms.filter((form) => !forms.some((other) => other !== form && form.startsWith(other)));
}
