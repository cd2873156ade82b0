/** For images without curl: ends with 0 when the address answers well. */
import process from 'node:process';

const url = process.argv[2] ?? 'http://127.0.0.1:8080/readyz';

try {
  const response = await globalThis.fetch(url, { signal: globalThis.AbortSignal.timeout(3_000) });
  process.exitCode = response.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
