import { EventEmitter } from 'node:events';
import type { OutputStream } from '../../context.ts';
import { Stopped } from '../../errors.ts';
import { quoted } from '../../output/shell.ts';
import { inertText } from '../../output/terminal.ts';
import { headerLines } from './dry-run.ts';
import type { Socket } from './socket.ts';

/**
 * Stands in the place of a WebSocket: prints the handshake and the first event as a command of `websocat`, which says
 * line by line what it is given, and ends the run. (curl sends no events.)
 * @param url of the WebSocket
 * @param key how a shell says the key: `$OPENAI_API_KEY`
 */
export class DrySocket extends EventEmitter implements Socket {
  readonly bufferedAmount = 0;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #key: string | undefined;
  readonly #out: OutputStream;

  constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    key: string | undefined,
    out: OutputStream,
  ) {
    super();
    this.#url = url;
    this.#headers = headers;
    this.#key = key;
    this.#out = out;
    setImmediate(() => this.emit('open'));
  }

  /** @throws Stopped */
  send(text: string): void {
    const request = new Request(this.#url.replace(/^ws/, 'http'), { headers: { ...this.#headers } });
    const head = [`websocat -n ${quoted(this.#url)}`, ...headerLines(request, this.#key)].join(' \\\n');
    const command = `${head} <<'JSON'\n${text}\nJSON\n`;
    this.#out.write(this.#out.isTTY ? inertText(command) : command);
    throw new Stopped('dry run');
  }

  pause(): void {}
  resume(): void {}
  terminate(): void {}
}
