/** How often a property is tried where it does not say so itself; the deep run raises it. */
import fc from 'fast-check';

const runs = Number(process.env['TL_FAST_CHECK_RUNS'] ?? 100);

fc.configureGlobal({ numRuns: runs });
