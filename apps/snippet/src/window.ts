/**
 * What of the browser the snippet uses, and no more: TypeScript's own DOM library would lend the names of browsers to the whole
 * product.
 */

export interface StorageOfSite {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface Paper {
  readonly title: string;
  readonly referrer: string;
  cookie: string;
  readonly currentScript: {
    readonly dataset: Readonly<Record<string, string | undefined>>;
  } | null;
}

export interface Place {
  readonly href: string;
  readonly pathname: string;
  readonly search: string;
  readonly origin: string;
}

export interface Browser {
  /** throws where the visitor keeps it closed */
  readonly localStorage: StorageOfSite;
  readonly document: Paper;
  readonly location: Place;
  readonly navigator: {
    readonly language: string;
    readonly userAgent: string;
    sendBeacon(url: string, body: string): boolean;
  };
  addEventListener(event: 'online' | 'pagehide', listener: () => void): void;
}

declare const window: Browser;

/** A function, so that the parts can be read where there is no browser. */
export function browser(): Browser {
  return window;
}
