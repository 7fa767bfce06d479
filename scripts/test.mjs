// `npm test`: builds, then lint, types and every test; ends with what failed, what passed only when it was run again
// (vitest.config.ts says when that is), and a line `N passed, N failed`.
// `npm test -- --e2e` runs the end-to-end tests alone (OAI_TEST_NODE names the Node that runs the program).
// On a fresh checkout it installs what it needs first.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const onlyEndToEnd = process.argv.includes('--e2e');

/**
 * Runs a program of the project, showing what it prints.
 * @param {string} command
 * @param {string[]} words
 * @returns whether it succeeded
 */
function runs(command, words) {
  return spawnSync(command, words, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** @param {string} name */
const local = (name) => join(root, 'node_modules', '.bin', name);

/**
 * Names what did not pass at once in one file of tests, a line each.
 * @param {{name: string, status: string, message?: string, assertionResults: {fullName: string, status: string, failureMessages: string[]}[]}} suite
 */
function report({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  for (const test of assertionResults) {
    const reason = test.failureMessages[0]?.split('\n')[0];
    if (test.status === 'failed') console.log(`failed: ${file} > ${test.fullName}: ${reason}`);
    else if (reason !== undefined)
      console.log(`passed when run again: ${file} > ${test.fullName}: ${reason}`);
  }
  if (status === 'failed' && assertionResults.length === 0) console.log(`failed: ${file}: ${message}`);
}

/** Runs vitest; a test file that does not even load counts as one failed test. */
function tests() {
  const folder = mkdtempSync(join(tmpdir(), 'oai-results-'));
  const file = join(folder, 'results.json');
  const words = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const succeeded = runs(local('vitest'), onlyEndToEnd ? [...words, '--project', 'e2e'] : words);
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  rmSync(folder, { recursive: true, force: true });
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, testResults = [] } = results;
  for (const suite of testResults) report(suite);
  return { passed, failed: succeeded ? failed : Math.max(failed, 1) };
}

const steps = [
  ...(existsSync(join(root, 'node_modules')) ? [] : [() => runs('npm', ['ci'])]),
  () => runs(process.execPath, ['scripts/build.mjs']),
  ...(onlyEndToEnd
    ? []
    : [() => runs(local('biome'), ['check', '--error-on-warnings']), () => runs(local('tsc'), [])]),
];
const failedSteps = steps.filter((step) => !step()).length;
const { passed, failed } = tests();
console.log(`${passed} passed, ${failed + failedSteps} failed`);
process.exitCode = failed + failedSteps === 0 ? 0 : 1;
