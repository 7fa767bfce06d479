// Fills a history with conversations, the last of them a long one. Prints nothing.
//   node conversations.mjs DATABASE CONVERSATIONS TURNS
import { DatabaseSync } from '@photostructure/sqlite';

const [path = '', conversations = '0', turns = '0'] = process.argv.slice(2);
const ANSWER = 'An answer of some length, as models give them, with a naïve café in it. '.repeat(10);

const database = new DatabaseSync(path);
database.exec('PRAGMA foreign_keys = ON; BEGIN');
// The one that is there is asked at the server that is measured.
const { profile, base_url, model } = database
  .prepare('SELECT profile, base_url, model FROM conversations')
  .get();
database.exec('DELETE FROM exchanges; DELETE FROM conversations');

const insertConversation = database.prepare(
  `INSERT INTO conversations (id, title, created, updated, profile, base_url, model)
    VALUES (lower(hex(randomblob(5))), ?, ?, ?, ?, ?, ?)`,
);
const insertExchange = database.prepare(
  "INSERT INTO exchanges (state, time, profile, model) VALUES ('answered', ?, ?, ?)",
);
const insertThread = database.prepare('INSERT INTO threads VALUES (?, ?)');
const insertMessage = database.prepare(
  'INSERT INTO messages (exchange, is_answer, role, text) VALUES (?, ?, ?, ?)',
);

/**
 * @param {number} time
 * @param {number} exchanges
 */
function converse(time, exchanges) {
  const conversation = insertConversation.run(`question ${time}`, time, time, profile, base_url, model);
  for (let count = 0; count < exchanges; count += 1) {
    const { lastInsertRowid: exchange } = insertExchange.run(time, profile, model);
    insertThread.run(conversation.lastInsertRowid, exchange);
    insertMessage.run(exchange, 0, 'user', `question ${count} of ${time}: what is it, and why?`);
    insertMessage.run(exchange, 1, 'assistant', ANSWER);
  }
}

for (let time = 1; time <= Number(conversations); time += 1) converse(time, 2);
converse(Number(conversations) + 1, Number(turns));
database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
