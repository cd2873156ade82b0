/** Loaded before a process of the product when the bench profiles it: writes a .cpuprofile for Chrome's tools when it ends. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename, dirname, join } from 'node:path';

const folder = process.env['TL_PROFILE_DIR'];
const [, program = ''] = process.argv;
if (folder !== undefined && program.endsWith('main.js')) profile(folder, nameOf(program));

function profile(into: string, name: string): void {
  mkdirSync(into, { recursive: true });
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.start');
  // Within this thread the inspector answers at once, so this works on the way out.
  process.once('exit', () => {
    session.post('Profiler.stop', (error, result) => {
      if (error !== null) return;
      writeFileSync(
        join(into, `${name}-${process.pid}.cpuprofile`),
        JSON.stringify(result.profile),
      );
    });
  });
}

/** …/apps/worker/dist/main.js → worker */
function nameOf(path: string): string {
  return basename(dirname(dirname(path)));
}
