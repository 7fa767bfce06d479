import { Failure } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import { Turns } from '../transcripts/part.ts';
import { inItsTurn, showAll } from './in-its-turn.ts';
import { MOST_CHARACTERS } from './translated-text.ts';
import { type Translator, wholeTranslation } from './translator.ts';

/** Texts of a request. */
const MOST_TEXTS = 40;

/**
 * Translates texts that belong together, such as the lines of subtitles, each by itself. They come in order, as many as
 * there are; those without a text stay as they are.
 * @throws Failure (incomplete) where the model leaves some out; Failure; Stopped; after what came before
 */
export async function* translatedTexts(
  texts: readonly string[],
  translator: Translator,
): AsyncGenerator<string> {
  const { api, context, slots } = translator;
  const batches = batched(texts.filter((text) => text.trim() !== ''));
  if (api.dryRun) {
    return await showAll(batches.map((batch) => () => translatedBatch(batch, translator, context.signal)));
  }
  const turns = new Turns(batches.length);
  const answers = batches.map((batch, index) =>
    inItsTurn(index, turns, slots, (signal) => translatedBatch(batch, translator, signal)),
  );
  let next = 0;
  let ready: string[] = [];
  try {
    for (const text of texts) {
      if (text.trim() === '') {
        yield text;
        continue;
      }
      if (ready.length === 0) {
        ready = [...((await answers[next]) ?? [])];
        next += 1;
      }
      yield ready.shift() ?? '';
    }
  } finally {
    turns.giveUp(0);
  }
}

function batched(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const batch = batches.at(-1);
    if (batch !== undefined && batch.length < MOST_TEXTS && size + text.length <= MOST_CHARACTERS) {
      batch.push(text);
      size += text.length;
    } else {
      batches.push([text]);
      size = text.length;
    }
  }
  return batches;
}

/** Once more where something is missing: models forget a line now and then. */
const TRIES = 2;

/** @returns as many texts */
async function translatedBatch(
  texts: readonly string[],
  translator: Translator,
  signal: AbortSignal,
): Promise<string[]> {
  const numbered = Object.fromEntries(texts.map((text, index) => [String(index + 1), text]));
  const keys = Object.keys(numbered);
  const content = JSON.stringify(numbered, null, 1);
  for (let tries = 1; ; tries++) {
    const { text, failure, isCut } = await wholeTranslation(content, translator, signal, answerOf(keys));
    // Too much for one answer of this model is not too much for two.
    if (isCut && texts.length > 1) return inHalves(texts, translator, signal);
    if (failure !== undefined) throw failure;
    const translated = readBatch(text, keys);
    if (translated !== undefined) return translated;
    if (tries === TRIES) {
      throw new Failure('incomplete', `${translator.model} left out a part of what it was to translate`, {
        hint: 'another model may do better: -m',
      });
    }
  }
}

async function inHalves(
  texts: readonly string[],
  translator: Translator,
  signal: AbortSignal,
): Promise<string[]> {
  const middle = Math.ceil(texts.length / 2);
  const first = await translatedBatch(texts.slice(0, middle), translator, signal);
  return [...first, ...(await translatedBatch(texts.slice(middle), translator, signal))];
}

/** The form of the answer: a text for each number. */
function answerOf(keys: readonly string[]): JsonObject {
  const schema = {
    type: 'object',
    properties: Object.fromEntries(keys.map((key) => [key, { type: 'string' }])),
    required: keys,
    additionalProperties: false,
  };
  return {
    response_format: { type: 'json_schema', json_schema: { name: 'translation', strict: true, schema } },
  };
}

/** @returns undefined where a text is missing, or there is nothing in it */
function readBatch(json: string, keys: readonly string[]): string[] | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isObject(answer)) return undefined;
  const texts = keys.map((key) => answer[key]);
  return texts.every((text) => typeof text === 'string' && text.trim() !== '')
    ? (texts as string[])
    : undefined;
}
