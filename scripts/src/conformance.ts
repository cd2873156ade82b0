/**
 * `npm run conformance [-- --data DIR]`: the reference values of public data sets, each beside what it has to be;
 * `npm run conformance -- identity …` (or `value …`, `churn …`, `recommend …`): the same measures for any file. The last line is JSON.
 */
import { writeFile } from 'node:fs/promises';
import { checkAnalytics } from './conformance/analytics-checks.js';
import { renderChecks, type Check } from './conformance/check.js';
import { checkFake, checkFebrl, checkMixture } from './conformance/linkage-checks.js';
import { HELP, readConformanceOptions } from './conformance/options.js';
import { checkOrder, checkProtection } from './conformance/rule-checks.js';
import { checkChurn, scoreChurn } from './conformance/score-churn.js';
import { scoreIdentity } from './conformance/score-identity.js';
import { scoreRecommend } from './conformance/score-recommend.js';
import { scoreValue } from './conformance/score-value.js';
import { checkUnmerge } from './conformance/unmerge-check.js';
import { checkValue } from './conformance/value-checks.js';
import { isProgram, runCommand } from './main.js';

export async function conformance(args: readonly string[]): Promise<number> {
  const options = readConformanceOptions(args);
  switch (options.kind) {
    case 'help':
      say(HELP);
      return 0;
    case 'identity':
      say(JSON.stringify(await scoreIdentity(options, say)));
      return 0;
    case 'value':
      say(JSON.stringify(await scoreValue(options, say)));
      return 0;
    case 'churn':
      say(JSON.stringify(await scoreChurn(options, say)));
      return 0;
    case 'recommend':
      say(JSON.stringify(await scoreRecommend(options, say)));
      return 0;
    case 'all':
      return report(await checkAll(options.data), options.json);
  }
}

async function checkAll(dir: string): Promise<Check[]> {
  return [
    ...(await checkMixture(dir)),
    ...(await checkFake(dir)),
    ...(await checkFebrl(dir)),
    ...checkOrder(),
    ...checkProtection(),
    ...(await checkUnmerge()),
    ...(await checkValue(dir)),
    ...(await checkChurn(dir)),
    ...(await checkAnalytics(dir)),
  ];
}

async function report(checks: readonly Check[], file: string | undefined): Promise<number> {
  const missed = checks.filter(({ ok }) => !ok).length;
  const json = JSON.stringify({ checks, passed: checks.length - missed, missed });
  say(renderChecks(checks));
  say(json);
  if (file !== undefined) await writeFile(file, `${json}\n`);
  return missed === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (isProgram(import.meta.url)) await runCommand(() => conformance(process.argv.slice(2)));
