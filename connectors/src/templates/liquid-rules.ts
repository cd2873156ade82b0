/** Which Liquid we speak: the same rules when a template is saved and when it is rendered. */

/** Tags that reach for other files or layouts; there are none. */
export const FORBIDDEN_TAGS = ['include', 'render', 'layout', 'block'] as const;

export const LIQUID_OPTIONS = {
  ownPropertyOnly: true,
  strictFilters: true,
  // With strict variables, `{% if x %}` and `| default` still ask whether x is there instead of failing over it.
  lenientIf: true,
  // An empty in-memory file system: even a tag that slipped through finds nothing to open.
  templates: {},
  // The same text whatever machine renders it.
  timezoneOffset: 0,
  locale: 'en-US',
} as const;

export const LIMITS = {
  templateChars: 256 * 1024,
  variablesBytes: 256 * 1024,
  outputChars: 256 * 1024,
  subjectChars: 998,
  /** Liquid's own counter of characters and elements made; cooperative, hence only the first line. */
  liquidMemory: 5_000_000,
  heapMb: 64,
} as const;
