// Answers every request under /NAME/ with the bytes of FOLDER/NAME as an event stream: a server that costs next to
// nothing. Prints its URL. node replay-server.mjs FOLDER
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [folder = '.'] = process.argv.slice(2);
const recordings = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));

const server = createServer((request, response) => {
  const recording = recordings.get(request.url?.split('/')[1] ?? '');
  request.resume().on('end', () => {
    response.writeHead(recording === undefined ? 404 : 200, { 'content-type': 'text/event-stream' });
    response.end(recording);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`http://127.0.0.1:${address.port}`);
});
