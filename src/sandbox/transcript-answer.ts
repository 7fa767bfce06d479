import { deflateSync } from 'node:zlib';
import { languageName, languagesOf } from './language.ts';
import { logprobsOf } from './logprobs.ts';
import { subtitles } from './subtitles.ts';
import { countTokens, tokensOf } from './tokens.ts';
import { type SpokenSegment, type SpokenWord, segmentsOf, type Transcript, textOf } from './transcript.ts';
import type { TranscriptionRequest } from './transcription-request.ts';

/** Tokens of a second of sound (OpenAI's pricing: a minute of audio is 600 or so). */
const TOKENS_A_SECOND = 10;

/** A transcript in the form that was asked for. */
export function transcriptAnswer(request: TranscriptionRequest, transcript: Transcript): Response {
  const { words } = transcript;
  switch (request.format) {
    case 'text':
      return plainText(`${textOf(words)}\n`);
    case 'srt':
    case 'vtt':
      return plainText(subtitles(segmentsOf(words), request.format));
    case 'verbose_json':
      return Response.json(verbose(request, transcript));
    case 'diarized_json':
      return Response.json(diarized(request, transcript));
    case 'json':
      return Response.json({ ...told(request, words), usage: usageOf(request, transcript) });
  }
}

/** A translation in the form that was asked for: it tells less, and always of English. */
export function translationAnswer(request: TranscriptionRequest, transcript: Transcript): Response {
  if (request.format === 'json') return Response.json({ text: textOf(transcript.words) });
  if (request.format !== 'verbose_json') return transcriptAnswer(request, transcript);
  const { task, language, usage, ...rest } = verbose(request, transcript);
  return Response.json({ task: 'translate', language: 'english', ...rest });
}

function plainText(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/** The text, and what some models tell about it. */
export function told(request: TranscriptionRequest, words: readonly SpokenWord[]) {
  const text = textOf(words);
  const { traits, withLogprobs } = request;
  return {
    text,
    ...(withLogprobs && { logprobs: logprobsFor(tokensOf(text)) }),
    ...(traits.hasKeywords && { languages: heardLanguages(request, text).map((code) => ({ code })) }),
  };
}

export function logprobsFor(tokens: readonly string[]): object[] {
  return logprobsOf(tokens, 0).map(({ token, logprob, bytes }) => ({ token, logprob, bytes }));
}

/** Codes of ISO 639-1: that which the request tells, or else what the text looks like. */
function heardLanguages({ language }: TranscriptionRequest, text: string): readonly string[] {
  return text === '' || language === undefined ? languagesOf(text) : [language];
}

/** What was counted, in tokens or in seconds. */
export function usageOf({ traits, prompt }: TranscriptionRequest, { words, seconds }: Transcript): object {
  if (traits.counts === 'duration') return { type: 'duration', seconds: Math.ceil(seconds) };
  const audio_tokens = Math.ceil(seconds * TOKENS_A_SECOND);
  const text_tokens = countTokens(prompt);
  const output_tokens = countTokens(textOf(words));
  return {
    type: 'tokens',
    input_tokens: audio_tokens + text_tokens,
    input_token_details: { audio_tokens, text_tokens },
    output_tokens,
    total_tokens: audio_tokens + text_tokens + output_tokens,
  };
}

function verbose(request: TranscriptionRequest, transcript: Transcript) {
  const { words, seconds } = transcript;
  const { granularities } = request;
  const text = textOf(words);
  const [code = 'en'] = heardLanguages(request, text);
  const segments = segmentsOf(words).map((segment, id) => verboseSegment(segment, id, request));
  return {
    task: 'transcribe',
    language: languageName(code)?.toLowerCase() ?? code,
    duration: rounded(seconds),
    text,
    ...((granularities.length === 0 || granularities.includes('segment')) && { segments }),
    ...(granularities.includes('word') && { words: words.flatMap(bareWord) }),
    usage: usageOf(request, transcript),
  };
}

/** Whisper's words come without the marks around them. */
function bareWord({ text, start, end }: SpokenWord): object[] {
  const word = text.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, '');
  return word === '' ? [] : [{ word, start: rounded(start), end: rounded(end) }];
}

/** Seconds of sound that whisper hears at a time. */
const WINDOW = 30;
/** Frames of 10 ms. */
const FRAMES_A_SECOND = 100;

function verboseSegment({ text, start, end }: SpokenSegment, id: number, request: TranscriptionRequest) {
  return {
    id,
    seek: Math.floor(start / WINDOW) * WINDOW * FRAMES_A_SECOND,
    start: rounded(start),
    end: rounded(end),
    text,
    tokens: tokensOf(text).map(tokenId),
    temperature: request.temperature,
    avg_logprob: -0.2,
    compression_ratio: Buffer.byteLength(text) / deflateSync(text).length,
    no_speech_prob: 0.01,
  };
}

/** Whisper's tokens of text. */
const TOKEN_IDS = 50_257;

function tokenId(token: string): number {
  return [...Buffer.from(token)].reduce((hash, byte) => (hash * 256 + byte) % TOKEN_IDS, 0);
}

function diarized(request: TranscriptionRequest, transcript: Transcript): object {
  return {
    task: 'transcribe',
    duration: rounded(transcript.seconds),
    text: textOf(transcript.words),
    segments: speakerSegments(request, transcript.words).map(({ segment }) => segment),
    usage: usageOf(request, transcript),
  };
}

/** A segment that one speaker says. */
export interface SpeakerSegment {
  /** As it stands in the text, with the white space before it. */
  readonly text: string;
  /** As it is told. */
  readonly segment: {
    readonly type: 'transcript.text.segment';
    readonly id: string;
    readonly start: number;
    readonly end: number;
    readonly text: string;
    readonly speaker: string;
  };
}

/** Another speaker begins after each sentence: those that the request names, or two that it does not. */
export function speakerSegments(
  { speakers: known }: TranscriptionRequest,
  words: readonly SpokenWord[],
): SpeakerSegment[] {
  const speakers = known.length > 1 ? known : [...known, 'A', 'B'].slice(0, 2);
  let turn = 0;
  return segmentsOf(words).map(({ text, start, end, endsSentence }, index) => {
    const speaker = speakers[turn % speakers.length] ?? '';
    if (endsSentence) turn += 1;
    const id = `seg_${String(index + 1).padStart(3, '0')}`;
    const times = { start: rounded(start), end: rounded(end) };
    return { text, segment: { type: 'transcript.text.segment', id, ...times, text: text.trim(), speaker } };
  });
}

/** To milliseconds. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
