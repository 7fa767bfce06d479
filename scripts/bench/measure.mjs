import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * A program to be measured.
 * @typedef {object} Contender
 * @property {string} name
 * @property {readonly string[]} command the program and its arguments
 * @property {string} [stdin] the file that is its stdin
 * @property {number} [share] the part of the work that it does, where all of it would take too long: its times are those
 *   of the whole, and its memory is not looked at
 */

/**
 * What one run took. Times in ms.
 * @typedef {object} Sample
 * @property {number} wall from before its start to its end
 * @property {number} firstByte from before its start to its first byte on stdout; NaN where it wrote none
 * @property {number} peak the most memory that was resident, in bytes; NaN where /proc does not tell
 * @property {number} server the processor time of the server meanwhile; NaN where /proc does not tell
 */

/**
 * Where the runs take place.
 * @typedef {object} Place
 * @property {string} folder the working directory and HOME
 * @property {string} fifo the pipe that is the contenders' stdout
 * @property {number | undefined} server the process id of the server
 */

/** How often memory is looked at, in ms. */
const MEMORY_INTERVAL = 5;
/** What /proc counts processor time in, in ms: USER_HZ is 100 on every Linux. */
const TICK = 10;

/** The whole environment of what is measured: NODE_EXTRA_CA_CERTS alone would add 35 ms to Node 20's start.
 * @param {string} home
 */
export function bareEnvironment(home) {
  return { PATH: process.env['PATH'], HOME: home };
}

/**
 * Runs the contenders one after the other, round by round. Each round begins with another, so that none always
 * follows the same.
 * @param {readonly Contender[]} contenders
 * @param {{ rounds: number, warmups: number }} counts
 * @param {Place} place
 * @returns {Promise<Map<string, Sample[]>>} the samples of each contender, in the order of the rounds
 */
export async function measure(contenders, { rounds, warmups }, place) {
  const samples = new Map(contenders.map(({ name }) => [name, /** @type {Sample[]} */ ([])]));
  for (let round = -warmups; round < rounds; round += 1) {
    const first = (round + warmups) % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const sample = await runOnce(contender, place);
      if (round >= 0) samples.get(contender.name)?.push(sample);
    }
  }
  return samples;
}

/**
 * @param {Contender} contender
 * @param {Place} place
 * @returns {Promise<Sample>}
 */
async function runOnce({ name, command, stdin, share = 1 }, { folder, fifo, server }) {
  const [program = '', ...words] = command;
  const input = openSync(stdin ?? '/dev/null', 'r');
  // A named pipe, for what `spawn` calls a pipe is a socket.
  const reader = new Socket({
    fd: openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK),
    writable: false,
  });
  const output = openSync(fifo, 'w');

  let firstByte = Number.NaN;
  let peak = Number.NaN;
  let complaint = '';
  const serverBefore = processorTime(server);
  const start = performance.now();
  const child = spawn(program, words, {
    cwd: folder,
    env: bareEnvironment(folder),
    stdio: [input, output, 'pipe'],
  });
  closeSync(input);
  closeSync(output);
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  reader.once('data', () => {
    firstByte = performance.now() - start;
  });
  const drained = new Promise((resolve) => reader.resume().once('close', resolve));
  const memory = setInterval(() => {
    peak = peakMemory(child.pid) ?? peak;
  }, MEMORY_INTERVAL);
  try {
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
    const wall = performance.now() - start;
    await drained;
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${complaint.trim().split('\n')[0]}`);
    const busy = processorTime(server) - serverBefore;
    return { wall: wall / share, firstByte, peak: share === 1 ? peak : Number.NaN, server: busy / share };
  } finally {
    clearInterval(memory);
  }
}

/**
 * The most memory that a process has had resident so far, in bytes.
 * @param {number | undefined} pid
 */
function peakMemory(pid) {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(procFile(pid, 'status'))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/**
 * The processor time that a process has used so far, in ms.
 * @param {number | undefined} pid
 */
function processorTime(pid) {
  // The fields after the program's name, which may hold spaces: utime and stime are the 14th and 15th of all.
  const fields = procFile(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/**
 * @param {number | undefined} pid
 * @param {string} name
 */
function procFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
