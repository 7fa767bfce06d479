import { Failure } from '../errors.ts';
import { calledName, type ToolCall } from '../tools/tool.ts';
import type { Choice } from './answer.ts';

/** What a user can do about an answer that is not what was asked for: commands differ in that. */
export interface WaysOut {
  /** Tools were asked for. */
  readonly tools: string | undefined;
  /** The answer was cut at the longest that the model can give. */
  readonly cut: string | undefined;
}

const OF_CHAT: WaysOut = {
  tools: 'the calls are on stdout as JSON: run them and come back with --tool-result',
  cut: 'ask for less at a time, or set --max-tokens to say that a cut answer will do',
};

/**
 * What can be done in a chat whose tools may have programs.
 * @param programs the tools that this program could run, if it were allowed to
 */
export function waysOutOfChat(choices: readonly Choice[], programs: readonly string[]): WaysOut {
  const called = new Set(choices.flatMap(({ toolCalls }) => toolCalls).map(calledName));
  const known = programs.filter((name) => called.has(name));
  if (known.length === 0) return OF_CHAT;
  return {
    ...OF_CHAT,
    tools: `${wayToAllow(known)}; or run the calls on stdout and come back with --tool-result`,
  };
}

/**
 * Judges an answer that arrived whole.
 * @param limited the user set `--max-tokens`: to be cut there is what was asked for
 * @returns what the exit code is to say of it, or undefined when it is what was asked for
 */
export function verdict(
  choices: readonly Choice[],
  limited: boolean,
  waysOut: WaysOut = OF_CHAT,
): Failure | undefined {
  if (choices.length === 0) return emptyAnswer();
  return choices
    .map((choice) => verdictOf(choice, limited, waysOut))
    .find((failure) => failure !== undefined);
}

function emptyAnswer(): Failure {
  return new Failure('incomplete', 'the answer is empty');
}

function verdictOf(choice: Choice, limited: boolean, { tools, cut }: WaysOut): Failure | undefined {
  const { text, refusal, finishReason, toolCalls } = choice;
  if (refusal !== '') return new Failure('verdict', `the model refused: ${refusal}`);
  if (finishReason === 'content_filter')
    return new Failure('verdict', 'the content filter stopped the answer');
  if (toolCalls.length > 0 && finishReason === 'length') {
    return new Failure('incomplete', 'the answer is cut: it ends within the call of a tool', { hint: cut });
  }
  if (toolCalls.length > 0) {
    const names = toolCalls.map(calledName).join(', ');
    return new Failure('tools', `the model asks for tools that nobody allowed: ${names}`, {
      hint: tools,
    });
  }
  if (finishReason === 'length') return cutByLength(text, limited, cut);
  // What is said may be no words: a song.
  if (text === '' && choice.hasMedia !== true && (choice.sound?.pieces.length ?? 0) === 0)
    return emptyAnswer();
  return undefined;
}

/** The model asks for tools once more than it may. @param turns how many answers there were */
export function outOfTurns(calls: readonly ToolCall[], turns: number): Failure {
  const names = [...new Set(calls.map(calledName))].join(', ');
  const many = `${turns - 1} ${turns === 2 ? 'turn' : 'turns'}`;
  return new Failure('incomplete', `the model still asks for tools after ${many}: ${names}`, {
    hint: `--max-turns ${2 * (turns - 1)} lets it go on for longer`,
  });
}

/** What lets this program run the tools of these names. */
export function wayToAllow(names: readonly string[]): string {
  return `--yes runs them, or \`oai config set tools.allow ${names.join(',')}\``;
}

function cutByLength(text: string, limited: boolean, hint: string | undefined): Failure | undefined {
  if (!limited) {
    const message = 'the answer is cut: it reached the longest that the model can give';
    return new Failure('incomplete', message, { hint });
  }
  if (text !== '') return undefined;
  return new Failure('incomplete', '--max-tokens was used up before the first word', {
    hint: 'reasoning counts as well: raise --max-tokens, or think less with --reasoning-effort low',
  });
}
