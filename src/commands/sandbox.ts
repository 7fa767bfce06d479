import type { Command } from 'commander';
import { lifecycleOf } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { integer } from '../flags/values.ts';
import { trace, warn } from '../output/messages.ts';
import { faultWords } from '../sandbox/faults.ts';
import { MAX_BYTES, serve } from '../sandbox/http.ts';
import { createSandbox } from '../sandbox/sandbox.ts';

export interface SandboxOptions extends GlobalOptions {
  readonly port?: number;
  readonly host?: string;
}

const PORT = 4010;
const HOST = '127.0.0.1';

function define(command: Command): void {
  addFlags(command, [
    {
      flags: '--port <n>',
      help: `where to listen; 0 takes any free port (default: ${PORT})`,
      read: integer(0, 65_535),
    },
    { flags: '--host <address>', help: `the address to listen on (default: ${HOST})` },
  ]);
}

const examples = [
  { line: 'oai sandbox', note: 'serves until Ctrl-C' },
  { line: 'OPENAI_BASE_URL=http://127.0.0.1:4010/v1 oai chat "hello"', note: 'from another terminal' },
  {
    line: 'OAI_SANDBOX=429x2,delay=50ms oai sandbox --verbose',
    note: 'faults, and a line a request',
  },
];

const width = Math.max(...faultWords.map(({ form }) => form.length));
const notes = `
It needs no key; only the key sk-invalid is refused. The same request gets the
same answer. A request body may have ${MAX_BYTES / 1024 / 1024} MiB.

OAI_SANDBOX asks for faults, here and for --sandbox of any command. Commas go
between them:
${faultWords.map(({ form, help }) => `  ${form.padEnd(width)}  ${help}`).join('\n')}

What happens in a stream (cut, reset, stall, error, garbled, plain) has no
effect where nothing is streamed, as with --json.`;

async function run(options: SandboxOptions, context: Context): Promise<void> {
  const { clock, env, signal } = context;
  const api = createSandbox({ faults: env['OAI_SANDBOX'], clock, signal, lifecycleOf });
  const server = await serve(api, {
    port: options.port ?? PORT,
    host: options.host ?? HOST,
    signal,
    onAnswer: (method, path, status) => trace(context, `${method} ${path} ${status ?? 'connection lost'}`),
  });
  context.stdout.write(`${options.json === true ? JSON.stringify({ url: server.url }) : server.url}\n`);
  warn(
    context,
    `the sandbox answers at ${server.url}: set OPENAI_BASE_URL or --base-url to it; Ctrl-C ends it`,
  );
  await server.closed;
  signal.throwIfAborted();
}

/** `oai sandbox`: the embedded API over HTTP, for other programs. */
export const sandbox: CommandModule<SandboxOptions> = { define, examples, notes, run };
