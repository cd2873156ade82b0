/** A request as data: `build` describes it, the runtime sends it. So what a connector would send can be checked without a network. */

export type HttpBody =
  /** For a GET: nothing is sent, not even a type. */
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'ndjson'; readonly rows: readonly unknown[] }
  /** Exact bytes, for what is signed. */
  | { readonly kind: 'text'; readonly text: string; readonly contentType: string };

export interface HttpPlan {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: HttpBody;
  /** Indices into the items that `build` was given. */
  readonly items: readonly number[];
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** False when the body was cut: over the cap, or the connection broke after the head had come. */
  readonly complete: boolean;
}

export interface EncodedBody {
  readonly bytes: Buffer | null;
  readonly contentType?: string;
}

export function encodeBody(body: HttpBody): EncodedBody {
  switch (body.kind) {
    case 'none':
      return { bytes: null };
    case 'json':
      return { bytes: Buffer.from(JSON.stringify(body.value)), contentType: 'application/json' };
    case 'form':
      return {
        bytes: Buffer.from(new URLSearchParams({ ...body.fields }).toString()),
        contentType: 'application/x-www-form-urlencoded',
      };
    case 'ndjson':
      return {
        bytes: Buffer.from(body.rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
        contentType: 'application/x-ndjson',
      };
    case 'text':
      return { bytes: Buffer.from(body.text), contentType: body.contentType };
  }
}

/** The address that is really called: the plan's, or its path and query on an overriding base (a capture server, a regional host). */
export function targetOf(plan: HttpPlan, baseUrlOverride: string | undefined): URL {
  const url = new URL(plan.url);
  for (const [name, value] of Object.entries(plan.query ?? {})) url.searchParams.set(name, value);
  if (baseUrlOverride === undefined) return url;
  const base = new URL(baseUrlOverride);
  return new URL(`${url.pathname}${url.search}`, base.origin);
}
