/** Solves A·x = b for a symmetric positive matrix of which the lower half is given, row by row, by Cholesky's decomposition. */
export function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const lower = matrix.slice();
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = lower[i * size + j] ?? 0;
      for (let k = 0; k < j; k += 1) sum -= (lower[i * size + k] ?? 0) * (lower[j * size + k] ?? 0);
      // A column that says what others say already has nothing left: it gets no weight instead of an infinite one.
      if (i === j) lower[i * size + i] = Math.sqrt(Math.max(sum, 1e-12));
      else lower[i * size + j] = sum / (lower[j * size + j] ?? 1);
    }
  return backward(lower, forward(lower, right));
}

function forward(lower: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const found = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    let sum = right[i] ?? 0;
    for (let k = 0; k < i; k += 1) sum -= (lower[i * size + k] ?? 0) * (found[k] ?? 0);
    found[i] = sum / (lower[i * size + i] ?? 1);
  }
  return found;
}

function backward(lower: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const found = new Float64Array(size);
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = right[i] ?? 0;
    for (let k = i + 1; k < size; k += 1) sum -= (lower[k * size + i] ?? 0) * (found[k] ?? 0);
    found[i] = sum / (lower[i * size + i] ?? 1);
  }
  return found;
}
