/** Union–find over row numbers, on typed arrays: a million rows are eight megabytes. */
export class UnionFind {
  private readonly parent: Int32Array;
  private readonly size: Int32Array;

  constructor(rows: number) {
    this.parent = Int32Array.from({ length: rows }, (_, row) => row);
    this.size = new Int32Array(rows).fill(1);
  }

  find(row: number): number {
    let at = row;
    for (;;) {
      const up = this.parent[at] ?? at;
      if (up === at) return at;
      const further = this.parent[up] ?? up;
      this.parent[at] = further;
      at = further;
    }
  }

  /** Answers whether the two were apart. */
  union(left: number, right: number): boolean {
    let a = this.find(left);
    let b = this.find(right);
    if (a === b) return false;
    if (this.sizeAt(a) < this.sizeAt(b)) [a, b] = [b, a];
    this.parent[b] = a;
    this.size[a] = this.sizeAt(a) + this.sizeAt(b);
    return true;
  }

  sizeOf(row: number): number {
    return this.sizeAt(this.find(row));
  }

  /** Every row's cluster, numbered from 0 in the order of their first rows. */
  labels(): Int32Array {
    const numbers = new Map<number, number>();
    return Int32Array.from(this.parent, (_, row) => {
      const root = this.find(row);
      const number = numbers.get(root) ?? numbers.size;
      numbers.set(root, number);
      return number;
    });
  }

  private sizeAt(root: number): number {
    return this.size[root] ?? 0;
  }
}
