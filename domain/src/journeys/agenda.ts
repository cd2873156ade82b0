/** What is due when, in order: a heap, so that a simulation over many people stays cheap. Equal times keep the order of adding. */
export class Agenda<T> {
  private readonly heap: Due<T>[] = [];
  private added = 0;

  add(at: number, item: T): void {
    this.added += 1;
    this.heap.push({ at, order: this.added, item });
    this.rise(this.heap.length - 1);
  }

  /** The time of the earliest item; Infinity when there is none. */
  nextAt(): number {
    return this.heap[0]?.at ?? Infinity;
  }

  take(): { readonly at: number; readonly item: T } | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
    return first;
  }

  private rise(from: number): void {
    for (let index = from; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  private sink(from: number): void {
    for (let index = from; ;) {
      const left = 2 * index + 1;
      const child = this.isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  private swapIfEarlier(lower: number, upper: number): boolean {
    const [child, parent] = [this.heap[lower], this.heap[upper]];
    if (child === undefined || parent === undefined || !this.isEarlier(lower, upper)) return false;
    this.heap[lower] = parent;
    this.heap[upper] = child;
    return true;
  }

  private isEarlier(left: number, right: number): boolean {
    const [a, b] = [this.heap[left], this.heap[right]];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }
}

interface Due<T> {
  readonly at: number;
  readonly order: number;
  readonly item: T;
}
