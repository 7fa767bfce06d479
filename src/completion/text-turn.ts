import type { ChatChunk } from '../api/completions.ts';
import type { TextAnswer } from '../api/text-completions.ts';
import type { Choice } from '../chat/answer.ts';
import { isObject } from '../json.ts';

type TextChoice = TextAnswer['choices'][number];

/** A piece of a text in the form of a chat's; null where it is none. */
export function chatForm(piece: TextAnswer): ChatChunk | null {
  if (!isObject(piece) || !Array.isArray(piece.choices)) return null;
  const choices = piece.choices.filter(isText).map((choice) => ({
    index: choice.index,
    delta: { content: choice.text },
    finish_reason: choice.finish_reason,
    logprobs: { content: tokensOf(choice), refusal: null },
  }));
  return { ...piece, object: 'chat.completion.chunk', choices } as unknown as ChatChunk;
}

function isText(choice: unknown): choice is TextChoice {
  return isObject(choice) && typeof choice['text'] === 'string';
}

/** The choices of an answer that came whole. */
export function textChoices(answer: TextAnswer): Choice[] {
  return [...answer.choices]
    .sort((a, b) => a.index - b.index)
    .map((choice) => ({
      text: choice.text,
      refusal: '',
      toolCalls: [],
      finishReason: choice.finish_reason,
      logprobs: tokensOf(choice),
    }));
}

/** The lists of this endpoint as the tokens that chat has. The first of an echo has no probability, and is left out. */
function tokensOf({ logprobs }: TextChoice): Choice['logprobs'] {
  const { tokens = [], token_logprobs: own = [], top_logprobs: tops = [] } = logprobs ?? {};
  return tokens.flatMap((token, index) => {
    const logprob = own[index];
    if (typeof logprob !== 'number') return [];
    const others = Object.entries(tops[index] ?? {});
    return [
      { token, logprob, top_logprobs: others.map(([other, likely]) => ({ token: other, logprob: likely })) },
    ];
  });
}
