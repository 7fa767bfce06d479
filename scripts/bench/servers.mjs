import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bareEnvironment } from './measure.mjs';

/**
 * @typedef {object} Server
 * @property {string} url as it printed it
 * @property {number | undefined} pid
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a server that prints its URL as its first line.
 * @param {readonly string[]} words of Node's command line
 * @param {string} folder its working directory and HOME
 * @param {Record<string, string>} [env]
 * @returns {Promise<Server>}
 */
export async function startServer(words, folder, env = {}) {
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: { ...bareEnvironment(folder), ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${words[0]} ended with ${code} before it served`)));
    child.stdout?.setEncoding('utf8').once('data', (text) => resolve(text.trim()));
  });
  return {
    url,
    pid: child.pid,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/**
 * Records streamed answers of the sandbox for the replay server.
 * @param {readonly string[]} sandbox the words that start one
 * @param {Readonly<Record<string, string>>} recordings what OAI_SANDBOX is to say for each, by name
 * @param {string} folder
 * @returns {Promise<string>} the folder of the recordings
 */
export async function record(sandbox, recordings, folder) {
  const target = join(folder, 'recordings');
  await mkdir(target);
  for (const [name, faults] of Object.entries(recordings)) {
    const server = await startServer(sandbox, folder, { OAI_SANDBOX: faults });
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: chatBody('hello'),
    });
    await writeFile(join(target, name), Buffer.from(await response.arrayBuffer()));
    await server.stop();
  }
  return target;
}

/**
 * The body of the request that every contender sends.
 * @param {string} content
 */
export function chatBody(content) {
  return JSON.stringify({ model: 'gpt-6-luna', messages: [{ role: 'user', content }], stream: true });
}
