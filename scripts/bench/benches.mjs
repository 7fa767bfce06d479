import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundled } from './bundle.mjs';
import { bareEnvironment } from './measure.mjs';
import { chatBody, record, startServer } from './servers.mjs';

/** @typedef {import('./measure.mjs').Contender} Contender */
/** @typedef {import('./measure.mjs').Sample} Sample */
/** @typedef {import('./servers.mjs').Server} Server */

/**
 * One thing that is read off the samples of a bench.
 * @typedef {object} Metric
 * @property {string} name
 * @property {(sample: Sample) => number} of
 * @property {(value: number) => string} show
 * @property {Target} [target] what `oai` is to reach against the first contender
 */

/**
 * @typedef {object} Target
 * @property {string} text
 * @property {(own: number, other: number) => number} excess of one round: 0 or less is within the target
 */

/**
 * Contenders that run by turns. The first is what the others are compared with.
 * @typedef {object} Bench
 * @property {string} name for `--only`
 * @property {string} title
 * @property {number} rounds
 * @property {number} warmups
 * @property {(workshop: Workshop) => Promise<{ contenders: Contender[], metrics: Metric[], server?: Server }>} prepare
 */

/**
 * What benches need.
 * @typedef {object} Workshop
 * @property {string} folder for what they make
 * @property {string} oai the path of the built program
 */

const DELTAS = 100_000;
const MARKDOWN_DELTAS = 20_000;
const STDIN_BYTES = 10_000_000;
const ROWS = 10_000;
const VECTORS = 200_000;
const SAMPLE = 1000;
const CONVERSATIONS = 10_000;
const TURNS = 1_000;
const AT_ONCE = 50;
const KEYS = 300;

const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;
const megabytes = (/** @type {number} */ value) => `${(value / 1e6).toFixed(1)} MB`;

/**
 * A ratio that must not be exceeded.
 * @param {number} ratio
 * @returns {Target}
 */
function atMost(ratio) {
  return { text: `≤ ${ratio.toFixed(2)} ×`, excess: (own, other) => own / other - ratio };
}

/**
 * @param {Metric['target']} [target]
 * @returns {Metric}
 */
function wallTime(target) {
  return { name: 'time', of: ({ wall }) => wall, show: ms, ...(target && { target }) };
}

/** @type {Target} */
const asFastAsTheScript = {
  text: '≤ 1.05 × + 10 ms',
  excess: (own, other) => own - 1.05 * other - 10,
};

/** @type {Target} */
const nearlyAsSmall = { text: '≤ + 30 MB', excess: (own, other) => own - other - 30e6 };

/** @type {Metric} */
const firstByte = { name: 'first byte', of: (sample) => sample.firstByte, show: ms };

/**
 * @param {Target} [target]
 * @returns {Metric}
 */
function peakMemory(target) {
  return { name: 'peak memory', of: ({ peak }) => peak, show: megabytes, ...(target && { target }) };
}

/**
 * Fills a history with conversations, the last of them a long one.
 * @param {number} conversations
 * @param {readonly string[]} chat what begins one at the server that is measured
 * @param {string} folder the home
 */
function keepConversations(conversations, chat, folder) {
  const env = bareEnvironment(folder);
  execFileSync(process.execPath, chat, { env });
  const database = join(folder, '.local/share/oai/history.db');
  const fill = [join(import.meta.dirname, 'conversations.mjs'), database, conversations, TURNS].map(String);
  execFileSync(process.execPath, fill, { env });
}

/** @type {readonly Bench[]} */
export const benches = [
  startUp('--version', 1.15),
  startUp('--help', 1.45),
  {
    name: 'chat',
    title: 'chat "hello" on loopback, from the sandbox',
    rounds: 30,
    warmups: 3,
    async prepare({ folder, oai }) {
      const server = await startServer([oai, 'sandbox', '--port', '0'], folder);
      return {
        server,
        contenders: [
          { name: 'SDK script', command: [...(await sdkScript('sdk-chat', folder)), server.url, 'hello'] },
          { name: 'oai', command: [process.execPath, oai, 'chat', '--base-url', server.url, 'hello'] },
          { name: 'curl', command: curl(server.url, chatBody('hello')) },
        ],
        metrics: [wallTime(asFastAsTheScript), firstByte],
      };
    },
  },
  {
    name: 'stream',
    title: `a stream of ${DELTAS.toLocaleString('en')} deltas to a pipe, replayed`,
    rounds: 9,
    warmups: 1,
    async prepare({ folder, oai }) {
      const faults = `deltas=${DELTAS}`;
      const { server, url, bytes } = await startReplay(faults, oai, folder);
      // Start-up is measured by itself: a stream is as fast as it is from its first byte on.
      const seconds = (/** @type {Sample} */ { wall, firstByte }) => (wall - firstByte) / 1000;
      /** @type {Metric} */
      const throughput = {
        name: 'throughput',
        of: (sample) => DELTAS / seconds(sample),
        show: (rate) => `${Math.round(rate / 1000)} k deltas/s, ${megabytes((rate / DELTAS) * bytes)}/s`,
        target: { text: '≥ 0.90 ×', excess: (own, other) => 0.9 - own / other },
      };
      return {
        server,
        contenders: [
          { name: 'SDK script', command: [...(await sdkScript('sdk-chat', folder)), url, 'hello'] },
          { name: 'oai', command: [process.execPath, oai, 'chat', '--base-url', url, 'hello'] },
          { name: 'curl', command: curl(url, chatBody('hello')) },
        ],
        metrics: [throughput, wallTime(), peakMemory(nearlyAsSmall)],
      };
    },
  },
  {
    name: 'markdown',
    title: `${MARKDOWN_DELTAS.toLocaleString('en')} deltas of Markdown to a terminal that draws them, replayed`,
    rounds: 5,
    warmups: 1,
    async prepare({ folder, oai }) {
      const { server, url } = await startMarkdown(folder);
      const terminal = join(import.meta.dirname, 'on-terminal.mjs');
      const command = [process.execPath, terminal, process.execPath, oai, 'chat', '--base-url', url, 'hello'];
      /** @type {Metric} */
      const throughput = {
        name: 'throughput',
        of: ({ wall, firstByte }) => (MARKDOWN_DELTAS / (wall - firstByte)) * 1000,
        show: (rate) => `${(rate / 1000).toFixed(1)} k deltas/s`,
        target: { text: '≥ 2 k/s', excess: (own) => 2000 - own },
      };
      return {
        server,
        contenders: [
          { name: 'oai --raw', command: [...command, '--raw'] },
          { name: 'oai', command },
        ],
        metrics: [throughput, wallTime()],
      };
    },
  },
  {
    name: 'stdin',
    title: `chat with ${megabytes(STDIN_BYTES)} of stdin, the answer replayed`,
    rounds: 15,
    warmups: 2,
    async prepare({ folder, oai }) {
      const { server, url } = await startReplay('deltas=10', oai, folder);
      const text = 'A line of text like any other: "quoted", 1 < 2, and a naïve café.\n';
      const stdin = join(folder, 'stdin.txt');
      const content = text.repeat(Math.ceil(STDIN_BYTES / Buffer.byteLength(text)));
      await writeFile(stdin, content);
      const body = join(folder, 'body.json');
      await writeFile(body, chatBody(`${content}\n\ncount`));
      const script = await sdkScript('sdk-chat-stdin', folder);
      return {
        server,
        contenders: [
          { name: 'SDK script', command: [...script, url, 'count'], stdin },
          { name: 'oai', command: [process.execPath, oai, 'chat', '--base-url', url, 'count'], stdin },
          { name: 'curl', command: curl(url, `@${body}`) },
        ],
        metrics: [wallTime(), peakMemory()],
      };
    },
  },
  {
    name: 'continue',
    title: `chat -c: ${CONVERSATIONS.toLocaleString('en')} conversations, the last of ${TURNS.toLocaleString('en')} turns; the answer replayed`,
    rounds: 30,
    warmups: 3,
    async prepare({ folder, oai }) {
      const { server, url } = await startReplay('deltas=10', oai, folder);
      const chat = [process.execPath, oai, 'chat', '--base-url', url];
      keepConversations(CONVERSATIONS, [...chat.slice(1), '--history', 'hello'], folder);
      return {
        server,
        contenders: [
          { name: 'oai with none', command: [...chat, 'hello'] },
          { name: 'oai', command: [...chat, '-c', 'hello'] },
        ],
        metrics: [{ ...firstByte, target: atMost(1.3) }, wallTime()],
      };
    },
  },
  {
    name: 'keys',
    title: `${KEYS} keys typed in a session with ${TURNS.toLocaleString('en')} turns, each when the one before it is shown`,
    rounds: 9,
    warmups: 1,
    async prepare({ folder, oai }) {
      const chat = [oai, 'chat', '--sandbox'];
      keepConversations(1, [...chat, '--history', 'hello'], folder);
      const typing = [process.execPath, join(import.meta.dirname, 'type-keys.mjs'), String(KEYS)];
      /** @type {Metric} */
      const echo = {
        name: 'from key to screen',
        of: ({ wall, firstByte }) => (wall - firstByte) / KEYS,
        show: ms,
        target: { text: '≤ 5 ms', excess: (own) => own - 5 },
      };
      return {
        contenders: [
          { name: 'bash', command: [...typing, 'bash', '--norc', '--noprofile', '-i'] },
          { name: 'oai', command: [...typing, process.execPath, ...chat, '-c'] },
        ],
        metrics: [echo],
      };
    },
  },
  {
    name: 'at-once',
    title: `${AT_ONCE} chats at the same time, without history and with it; a row that is lost fails it`,
    rounds: 5,
    warmups: 0,
    async prepare({ folder, oai }) {
      const { server, url } = await startReplay('deltas=10', oai, folder);
      const script = join(import.meta.dirname, 'many-chats.mjs');
      const many = [process.execPath, script, oai, url, String(AT_ONCE)];
      return {
        server,
        contenders: [
          { name: 'oai without', command: many },
          { name: 'oai', command: [...many, '--history'] },
        ],
        metrics: [wallTime()],
      };
    },
  },
  {
    name: 'rows',
    title: `chat --each: ${ROWS.toLocaleString('en')} rows, a server that answers in 50 ms and bears 64 at once`,
    rounds: 5,
    warmups: 0,
    async prepare({ folder, oai }) {
      const server = await startServer([join(import.meta.dirname, 'rows-server.mjs')], folder);
      const rows = await rowsFile(ROWS, folder);
      const flags = ['chat', '--each', '--input', rows, '-m', 'm', '--base-url', server.url];
      return {
        server,
        contenders: [
          { name: 'SDK loop', command: [...(await sdkScript('sdk-rows', folder)), server.url, rows] },
          { name: 'oai', command: [process.execPath, oai, ...flags] },
          { name: 'oai -j 64', command: [process.execPath, oai, ...flags, '-j', '64'] },
        ],
        metrics: [wallTime(atMost(1.1)), peakMemory()],
      };
    },
  },
  {
    name: 'embed',
    title: `embed --each --dimensions 256 -f f32: ${VECTORS.toLocaleString('en')} lines, a server that answers at once`,
    rounds: 3,
    warmups: 0,
    async prepare({ folder, oai }) {
      const server = await startServer([join(import.meta.dirname, 'rows-server.mjs')], folder);
      // A process and a request for each line: all of them would take a quarter of an hour.
      const sample = await rowsFile(SAMPLE, folder, 'sample.txt');
      const rows = await rowsFile(VECTORS, folder);
      const flags = ['--dimensions', '256', '-f', 'f32', '--input', rows, '--base-url', server.url];
      const body = '{"model":"m","input":["{}"],"dimensions":256,"encoding_format":"base64"}';
      const curlEach = curl(server.url, body, '/embeddings');
      return {
        server,
        contenders: [
          { name: 'SDK loop', command: [...(await sdkScript('sdk-embed', folder)), server.url, rows] },
          { name: 'oai', command: [process.execPath, oai, 'embed', '--each', ...flags] },
          {
            name: `xargs -P 8 curl, by ${SAMPLE.toLocaleString('en')} lines`,
            command: ['xargs', '-P', '8', '-I', '{}', ...curlEach],
            stdin: sample,
            share: SAMPLE / VECTORS,
          },
        ],
        metrics: [wallTime(), rate, peakMemory({ text: '≤ 200 MB', excess: (own) => own - 200e6 })],
      };
    },
  },
];

/** @type {Metric} */
const rate = {
  name: 'rate',
  of: ({ wall }) => (1000 * VECTORS) / wall,
  show: (rows) => `${Math.round(rows).toLocaleString('en')} rows/s`,
};

/**
 * A file of so many lines.
 * @param {number} count
 * @param {string} folder
 * @param {string} [name]
 */
async function rowsFile(count, folder, name = 'rows.txt') {
  const path = join(folder, name);
  const lines = Array.from({ length: count }, (_, index) => `${index + 1} some words of a line\n`);
  await writeFile(path, lines.join(''));
  return path;
}

/**
 * @param {'--version' | '--help'} flag
 * @param {number} ratio
 * @returns {Bench}
 */
function startUp(flag, ratio) {
  return {
    name: flag.slice(2),
    title: `start-up: oai ${flag}`,
    rounds: 40,
    warmups: 5,
    prepare: async ({ oai }) => ({
      contenders: [
        { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
        { name: 'oai', command: [process.execPath, oai, flag] },
      ],
      metrics: [wallTime(atMost(ratio))],
    }),
  };
}

/**
 * A server that replays what the sandbox streams, so that the sandbox's own work is not what is measured.
 * @param {string} faults what OAI_SANDBOX says while it is recorded
 * @param {string} oai
 * @param {string} folder
 * @returns {Promise<{ server: Server, url: string, bytes: number }>} with the base URL and the size of the answer
 */
async function startReplay(faults, oai, folder) {
  const recordings = await record([oai, 'sandbox', '--port', '0'], { answer: faults }, folder);
  const { size } = await stat(join(recordings, 'answer'));
  const server = await startServer([join(import.meta.dirname, 'replay-server.mjs'), recordings], folder);
  return { server, url: `${server.url}/answer/v1`, bytes: size };
}

/** The characters of a delta: about those of a token. */
const DELTA_LENGTH = 4;

/**
 * A server that replays an answer in Markdown: headings, lists, tables, code in several languages.
 * @param {string} folder
 * @returns {Promise<{ server: Server, url: string }>} with the base URL
 */
async function startMarkdown(folder) {
  const text = await readFile(join(import.meta.dirname, 'answer.md'), 'utf8');
  const characters = [...text];
  const pieces = Array.from({ length: MARKDOWN_DELTAS }, (_, index) => {
    const from = (index * DELTA_LENGTH) % characters.length;
    return characters.slice(from, from + DELTA_LENGTH).join('');
  });
  const common = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'gpt-6-luna' };
  const chunk = (/** @type {object} */ delta, /** @type {string | null} */ finish_reason) =>
    `data: ${JSON.stringify({ ...common, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const events = [
    ...pieces.map((content) => chunk({ content }, null)),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ];
  const recordings = join(folder, 'recordings');
  await mkdir(recordings);
  await writeFile(join(recordings, 'answer'), events.join(''));
  const server = await startServer([join(import.meta.dirname, 'replay-server.mjs'), recordings], folder);
  return { server, url: `${server.url}/answer/v1` };
}

/**
 * Bundles a script on the SDK; gives the words that start it.
 * @param {string} name
 * @param {string} folder
 */
async function sdkScript(name, folder) {
  const path = join(folder, `${name}.cjs`);
  await writeFile(path, await bundled(join(import.meta.dirname, `${name}.mjs`)));
  return [process.execPath, path];
}

/**
 * @param {string} url the base URL
 * @param {string} data the request's body, or `@` and the file that holds it
 * @param {string} [endpoint]
 */
function curl(url, data, endpoint = '/chat/completions') {
  // Without the empty Expect, curl waits to be told that it may send a large body.
  const headers = ['-H', 'Content-Type: application/json', '-H', 'Expect:'];
  return ['curl', '-sSN', ...headers, '--data-binary', data, `${url}${endpoint}`];
}
