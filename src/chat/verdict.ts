import { Failure } from '../errors.ts';
import type { Choice } from './turn.ts';

/**
 * Judges an answer that arrived whole.
 * @param limited the user set `--max-tokens`: to be cut there is what was asked for
 * @returns what the exit code is to say of it, or undefined when it is what was asked for
 */
export function verdict(choices: readonly Choice[], limited: boolean): Failure | undefined {
  if (choices.length === 0) return emptyAnswer();
  return choices.map((choice) => verdictOf(choice, limited)).find((failure) => failure !== undefined);
}

function emptyAnswer(): Failure {
  return new Failure('incomplete', 'the answer is empty');
}

function verdictOf(choice: Choice, limited: boolean): Failure | undefined {
  const { text, refusal, finishReason, toolCalls } = choice;
  if (refusal !== '') return new Failure('verdict', `the model refused: ${refusal}`);
  if (finishReason === 'content_filter')
    return new Failure('verdict', 'the content filter stopped the answer');
  if (toolCalls.length > 0) {
    const names = toolCalls.map((call) => (call.function ?? call.custom)?.name).join(', ');
    return new Failure('tools', `the model asks for tools that nobody allowed: ${names}`, {
      hint: 'the calls are on stdout as JSON',
    });
  }
  if (finishReason === 'length') return cutByLength(text, limited);
  if (text === '') return emptyAnswer();
  return undefined;
}

function cutByLength(text: string, limited: boolean): Failure | undefined {
  if (!limited) {
    return new Failure('incomplete', 'the answer is cut: it reached the longest that the model can give', {
      hint: 'ask for less at a time, or set --max-tokens to say that a cut answer will do',
    });
  }
  if (text !== '') return undefined;
  return new Failure('incomplete', '--max-tokens was used up before the first word', {
    hint: 'reasoning counts as well: raise --max-tokens, or think less with --reasoning-effort low',
  });
}
