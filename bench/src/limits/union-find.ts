/** Who hangs together, with nothing kept but that: the fastest that identity can be resolved in memory. */
export class UnionFind {
  private readonly numbers = new Map<string, number>();
  private readonly parents: number[] = [];
  private joined = 0;

  /** All of these are one. */
  join(keys: readonly string[]): void {
    let first = -1;
    for (const key of keys) {
      const root = this.rootOf(this.numberOf(key));
      if (first === -1) first = root;
      else if (root !== first) {
        this.parents[root] = first;
        this.joined += 1;
      }
    }
  }

  get components(): number {
    return this.parents.length - this.joined;
  }

  private numberOf(key: string): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.parents.length;
    this.numbers.set(key, number);
    this.parents.push(number);
    return number;
  }

  private rootOf(number: number): number {
    let current = number;
    for (;;) {
      const parent = this.parents[current] ?? current;
      if (parent === current) return current;
      const above = this.parents[parent] ?? parent;
      this.parents[current] = above;
      current = above;
    }
  }
}
