import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { person } from '../support/person.ts';
import { done, realtimeServer, type Turn } from '../support/realtime-server.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const PROMPT = 'gpt-realtime-2.1-mini>';

const created = { type: 'response.created', response: { id: 'resp_1' } };
const text = (delta: string) => ({ type: 'response.output_text.delta', delta });

describe('a session at a terminal', () => {
  it('is typed on the line editor, and ends with Ctrl-D', async () => {
    const someone = await person(['realtime', '--sandbox'], { env: {} });
    await someone.shows(PROMPT);
    await someone.type('hello\r');
    await someone.shows('You said: hello');
    await someone.type('/help\r');
    await someone.shows('/exit ends the session');
    await someone.type(CTRL_D);
    expect(await someone.done).toBe(0);
  });

  it('has an answer ended by Ctrl-C, and goes on in the same session', async () => {
    const begins: Turn = [created, text('so far\n\nand ')];
    const ends: Turn = [created, text('the next one'), done()];
    const server = await realtimeServer([begins, ends], {
      onEvent({ type }, socket) {
        if (type !== 'response.cancel') return;
        socket.send(JSON.stringify(text(' and more')));
        socket.send(JSON.stringify(done('cancelled', { reason: 'client_cancelled' })));
      },
    });
    const someone = await person(['realtime', '--base-url', server.baseUrl]);
    await someone.shows(PROMPT);
    await someone.type('one\r');
    await someone.shows('so far');
    await someone.type(CTRL_C);
    await someone.shows('interrupted: what came is kept');
    await someone.type('two\r');
    await someone.shows('the next one');
    await someone.type(CTRL_D);
    expect(await someone.done).toBe(0);
    expect(server.handshakes).toHaveLength(1);
    expect(server.events.map(({ type }) => type)).toEqual([
      'session.update',
      'conversation.item.create',
      'response.create',
      'response.cancel',
      'conversation.item.create',
      'response.create',
    ]);
  });

  it('has an answer ended by Ctrl-C before its first word', async () => {
    const server = await realtimeServer([[created], [created, text('the next one'), done()]], {
      onEvent({ type }, socket) {
        if (type === 'response.cancel') socket.send(JSON.stringify(done('cancelled')));
      },
    });
    const someone = await person(['realtime', '--base-url', server.baseUrl]);
    await someone.shows(PROMPT);
    await someone.type('one\r');
    await expect.poll(() => server.events.at(-1)?.['type'], { timeout: 5000 }).toBe('response.create');
    await someone.type(CTRL_C);
    await someone.shows('interrupted');
    await someone.type('two\r');
    await someone.shows('the next one');
    await someone.type(CTRL_D);
    expect(await someone.done).toBe(0);
  });

  it('shows what a server sends without its control sequences', async () => {
    const server = await realtimeServer([[created, text('a\u001b]0;owned\u0007b\u001b[2Jc'), done()]]);
    const someone = await person(['realtime', '--base-url', server.baseUrl]);
    await someone.shows(PROMPT);
    await someone.type('one\r');
    await someone.shows('c');
    await someone.type(CTRL_D);
    await someone.done;
    expect(someone.terminal.lines.join('\n')).toContain(PROMPT);
  });

  it('is kept, as a chat is', async () => {
    const env = { OAI_HOME: await temporaryFolder() };
    const someone = await person(['realtime', '--sandbox'], { env });
    await someone.shows(PROMPT);
    await someone.type('hello\r');
    await someone.shows('You said: hello');
    await someone.type(CTRL_D);
    await someone.done;
    expect((await oai(['history', 'show'], { env })).stdout).toContain('You said: hello');
  });
});
