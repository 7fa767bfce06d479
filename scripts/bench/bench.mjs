// How fast `oai` is beside bare Node, a script on the SDK, and curl. Figures of one machine at one time: a target
// that is missed is shown, and fails nothing.
//
//   npm run bench -- [--only NAME]… [--rounds N] [--json]
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benches } from './benches.mjs';
import { measure } from './measure.mjs';
import { rowsOf, serverNotes, table } from './report.mjs';

/** @typedef {import('./benches.mjs').Bench} Bench */

const root = join(import.meta.dirname, '../..');

/**
 * @param {Bench} bench
 * @param {number} rounds
 */
async function run({ prepare, warmups }, rounds) {
  const folder = await mkdtemp(join(tmpdir(), 'oai-bench-'));
  const fifo = join(folder, 'stdout');
  execFileSync('mkfifo', [fifo]);
  /** @type {Awaited<ReturnType<Bench['prepare']>> | undefined} */
  let prepared;
  try {
    prepared = await prepare({ folder, oai: join(root, 'bin/oai.js') });
    const { contenders, metrics, server } = prepared;
    const samples = await measure(contenders, { rounds, warmups }, { folder, fifo, server: server?.pid });
    return {
      rows: metrics.flatMap((metric) => rowsOf(metric, samples)),
      notes: serverNotes(samples),
      samples,
    };
  } finally {
    await prepared?.server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const names = benches.map(({ name }) => name);
  const wrong = values.only?.find((name) => !names.includes(name));
  if (wrong !== undefined) throw new Error(`there is no bench ${wrong}, only ${names.join(', ')}`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error(`--rounds ${values.rounds} is no number of rounds`);
  }
  return { only: values.only ?? names, rounds, json: values.json };
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @returns {ReturnType<typeof readArguments>} */
function argumentsOrExit() {
  try {
    return readArguments();
  } catch (error) {
    console.error(`bench: ${reasonOf(error)}`);
    process.exit(2);
  }
}

const options = argumentsOrExit();
// What is measured is the source as it stands.
execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
const machine = `Node ${process.version}, ${availableParallelism()} processors`;
const say = options.json ? () => {} : console.log;
say(`${machine}. Medians; × is the median of each round's ratio to the first line.`);
const results = [];
for (const bench of benches.filter(({ name }) => options.only.includes(name))) {
  const rounds = options.rounds ?? bench.rounds;
  say(`\n${bench.title} (${rounds} rounds)`);
  try {
    const { rows, notes, samples } = await run(bench, rounds);
    for (const line of [...table(rows), ...notes]) say(`  ${line}`);
    results.push({ name: bench.name, rounds, rows, notes, samples: Object.fromEntries(samples) });
  } catch (error) {
    const reason = reasonOf(error);
    say(`  not measured: ${reason}`);
    results.push({ name: bench.name, rounds, failure: reason });
  }
}
if (options.json) console.log(JSON.stringify({ machine, results }));
