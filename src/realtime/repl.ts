import type { Api } from '../api/client.ts';
import { Failure, Stopped, usageError } from '../errors.ts';
import { failureText, sayInRed } from '../output/failure-line.ts';
import { writeJsonLine } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import type { LineSource } from '../repl/lines.ts';
import type { TurnEnd } from '../repl/turn-end.ts';
import { didYouMean } from '../settings/nearest.ts';
import type { Outcome, RealtimeConversation } from './conversation.ts';
import { type Showing, showTurn } from './desk.ts';
import { userItem } from './items.ts';

/** What a conversation by lines is held with. */
export interface Talk {
  readonly api: Api;
  readonly conversation: RealtimeConversation;
  readonly model: string;
  readonly lines: LineSource;
  readonly ending: TurnEnd;
  readonly showing: Showing;
}

const COMMANDS: Readonly<Record<string, string>> = {
  '/exit': 'ends the session, as Ctrl-D does',
  '/help': 'lists these',
};

/**
 * Talks line by line until there is nothing more to be said. What fails is said, and the session goes on.
 * @throws Failure at the end of a script of which a line failed; the reason of the run's end
 */
export async function talk({ lines, ...rest }: Talk): Promise<void> {
  const failures: Failure[] = [];
  const { context } = rest.showing;
  try {
    for (;;) {
      const written = await lines.next(`${rest.model}> `);
      context.signal.throwIfAborted();
      if (written === undefined || written.text === '/exit') break;
      if (written.text.trim() === '') continue;
      const failure = await answered({ lines, ...rest }, written.text, written.literal);
      context.signal.throwIfAborted();
      if (failure !== undefined) failures.push(failure);
    }
  } finally {
    lines.close();
  }
  const [first] = failures;
  // A person has seen what failed; of a script the exit code tells.
  if (lines.isPerson || first === undefined) return;
  const { length } = failures;
  throw new Failure(first.kind, `${length} ${length === 1 ? 'line' : 'lines'} of the script failed`);
}

/** @returns what failed: it has been said */
async function answered(talk: Talk, text: string, isLiteral: boolean): Promise<Failure | undefined> {
  const isCommand = !isLiteral && text.startsWith('/') && !text.startsWith('//');
  if (isCommand) return obeyed(text, talk);
  const said = !isLiteral && text.startsWith('//') ? text.slice(1) : text;
  const { api, conversation, lines, ending, showing } = talk;
  const interrupted = ending.begin();
  lines.onInterrupt(() => ending.end(new Stopped('SIGINT')));
  try {
    // Each turn has a time of its own.
    const outcome = await api.each(
      (apart) =>
        showTurn(
          { items: [userItem(said)], message: { role: 'user', content: said } },
          conversation,
          apart,
          showing,
        ),
      interrupted,
    );
    return await judged(outcome, talk);
  } finally {
    ending.done();
  }
}

async function judged({ failure, calls, text }: Outcome, { showing }: Talk): Promise<Failure | undefined> {
  const { context, isJson } = showing;
  if (calls.length > 0 && failure !== undefined && !isJson) {
    await writeJsonLine(context.stdout, { tool_calls: calls });
  }
  if (failure === undefined) return undefined;
  if (failure instanceof Stopped) {
    const isHere = failure.by === 'SIGINT' && !context.signal.aborted;
    if (isHere) warn(context, text === '' ? 'interrupted' : 'interrupted: what came is kept');
    return undefined;
  }
  if (!(failure instanceof Failure) || failure.kind === 'bug') throw failure;
  sayInRed(context, failureText(failure));
  return failure;
}

function obeyed(text: string, { showing }: Talk): Failure | undefined {
  const { context } = showing;
  const word = text.split(/\s/)[0] ?? '';
  if (word === '/help') {
    for (const [name, what] of Object.entries(COMMANDS)) warn(context, `${name} ${what}`);
    return undefined;
  }
  const names = Object.keys(COMMANDS);
  const failure = usageError(
    `there is no command ${word}${didYouMean(word, names)}`,
    `${names.join(' and ')} are there; // begins a text with a slash`,
  );
  sayInRed(context, failureText(failure));
  return failure;
}
