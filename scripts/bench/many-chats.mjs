// Runs many `oai chat` at the same time and waits for all. With history, each of them must be in the database.
//   node many-chats.mjs OAI URL COUNT [--history]
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

const [oai = '', url = '', count = '0', flag = '--no-history'] = process.argv.slice(2);
const home = await mkdtemp(join(process.env['HOME'] ?? '.', 'many-'));
const env = { ...process.env, OAI_HOME: home };

/** @param {number} number */
async function chat(number) {
  const words = [oai, 'chat', flag, '--base-url', url, `question ${number}`];
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== 0) throw new Error(`chat ${number} ended with ${code}`);
}

await Promise.all(Array.from({ length: Number(count) }, (_, number) => chat(number)));
if (flag === '--history') await countRows();
await rm(home, { recursive: true });
process.stdout.write('done\n');

async function countRows() {
  const { DatabaseSync } = await import('@photostructure/sqlite');
  const database = new DatabaseSync(join(home, 'data', 'history.db'));
  const sql =
    "SELECT count(DISTINCT text) AS kept FROM exchanges JOIN messages ON exchange = exchanges.number WHERE role = 'user' AND state = 'answered'";
  const { kept } = database.prepare(sql).get();
  if (kept !== Number(count)) throw new Error(`${Number(count) - Number(kept)} of ${count} rows are lost`);
}
