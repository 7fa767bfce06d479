import { splitText } from '../speech/split-text.ts';
import { Turns } from '../transcripts/part.ts';
import { inItsTurn, showAll } from './in-its-turn.ts';
import { streamedTranslation, type Translator, wholeTranslation } from './translator.ts';

/** Characters of a request: a model that is given more at once begins to leave out. */
export const MOST_CHARACTERS = 6000;

/**
 * Translates a text of any length: its first part as the words come, the others meanwhile.
 * @throws Failure or Stopped, after what came before
 */
export async function* translatedText(text: string, translator: Translator): AsyncGenerator<string> {
  const parts = splitText(text, { characters: MOST_CHARACTERS }).map(frameOf);
  const [first, ...rest] = parts;
  if (first === undefined) return;
  const turns = new Turns(parts.length);
  const live = streamedTranslation(first.core, translator, turns.signal(0));
  if (translator.api.dryRun) return await show(live, rest, translator);
  // Begun before the others are: it is what is waited for, and has the first place.
  let step = live.next();
  step.catch(() => {});
  const later = rest.map(({ core }, index) => translatedPart(core, index + 1, turns, translator));
  try {
    let { before } = first;
    for (let piece = await step; piece.done !== true; piece = await step) {
      yield before + piece.value;
      before = '';
      step = live.next();
    }
    for (const [index, part] of rest.entries()) {
      const { text: core = '', failure } = (await later[index]) ?? {};
      if (core.trim() !== '') yield `${parts[index]?.after}${part.before}${core.trim()}`;
      if (failure !== undefined) throw failure;
    }
    yield parts.at(-1)?.after ?? '';
  } finally {
    turns.giveUp(0);
    await live.return(undefined);
  }
}

function translatedPart(core: string, index: number, turns: Turns, translator: Translator) {
  return inItsTurn(index, turns, translator.slots, async (signal) => {
    const translated = await wholeTranslation(core, translator, signal);
    if (translated.failure !== undefined) turns.giveUp(index + 1);
    return translated;
  });
}

function show(
  live: AsyncGenerator<string>,
  rest: readonly { readonly core: string }[],
  translator: Translator,
): Promise<void> {
  const { signal } = translator.context;
  return showAll([
    () => live.next(),
    ...rest.map(
      ({ core }) =>
        () =>
          wholeTranslation(core, translator, signal),
    ),
  ]);
}

/** A text and the white space around it, which no model keeps. */
function frameOf(text: string) {
  const core = text.trim();
  const at = text.indexOf(core);
  return { before: text.slice(0, at), core, after: text.slice(at + core.length) };
}
