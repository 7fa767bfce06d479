import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  Mp4OutputFormat,
  OggOutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { checkForm, checkRequest, checkResponse, checkStreamEvent } from '../support/openapi.ts';
import { type ErrorAnswer, request, sandbox } from './ask.ts';
import { type FormInput, fileOf, formOf } from './ask-images.ts';

export const SPEECH = '/audio/speech';
export const TRANSCRIPTIONS = '/audio/transcriptions';
export const TRANSLATIONS = '/audio/translations';

/** Hz: that of `pcm`. */
export const RATE = 24_000;

export const ENGLISH = 'The quick brown fox jumps over the lazy dog. It was the best of times, was it not?';
export const KOREAN = '안녕하세요, 반갑습니다. 오늘은 날씨가 정말 좋네요! 우리 같이 산책하러 갈까요?';

/** A request for speech that is right, with these fields. */
export function speechBody(fields: object = {}): Record<string, unknown> {
  return { model: 'gpt-4o-mini-tts', voice: 'coral', input: ENGLISH, ...fields };
}

/** An answer to a request for speech that was accepted; it obeys the OpenAPI document. */
export async function speechAnswer(fields: object, of: Sandbox = sandbox()): Promise<Response> {
  const body = speechBody(fields);
  const response = await of.answer(request('POST', SPEECH, body));
  if (response.status !== 200) throw new Error(`refused: ${await response.text()}`);
  checkRequest('POST', SPEECH, body);
  return response;
}

/** The bytes of speech. */
export async function speak(fields: object, of?: Sandbox): Promise<Buffer> {
  const response = await speechAnswer(fields, of);
  return Buffer.from(await response.arrayBuffer());
}

/** Speech as samples of 16 bits. */
export function speakPcm(fields: object = {}): Promise<Buffer> {
  return speak({ ...fields, response_format: 'pcm' });
}

interface WavOptions {
  readonly rate?: number;
  readonly channels?: number;
  readonly bits?: number;
  /** The format tag: 1 is PCM, 3 floating point. */
  readonly tag?: number;
}

/** A WAV of samples, little-endian. */
export function wav(
  data: Uint8Array,
  { rate = RATE, channels = 1, bits = 16, tag = 1 }: WavOptions = {},
): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(tag, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** A WAV of a tone. @param level of full scale 1; 0 is silence. @param pitch Hz */
export function tone(seconds: number, level: number, pitch = 440): Buffer {
  const samples = Buffer.alloc(Math.round(seconds * RATE) * 2);
  for (let at = 0; at < samples.length; at += 2) {
    const turn = (Math.PI * pitch * at) / RATE;
    samples.writeInt16LE(Math.round(level * 0x7fff * Math.sin(turn)), at);
  }
  return wav(samples);
}

export type Fields = Readonly<Record<string, FormInput | undefined>>;

/** A form with a file, and these fields. */
export function audioForm(bytes: Uint8Array, fields: Fields = {}): FormData {
  const file = fileOf(bytes, 'application/octet-stream', 'sound');
  return formOf({ file, model: 'whisper-1', ...fields });
}

/** The answer to a form; both are checked where the form was accepted. */
async function askAudio(path: string, form: FormData, of: Sandbox): Promise<Response> {
  const response = await of.answer(request('POST', path, undefined, { body: form }));
  if (response.status < 400) checkForm('POST', path, form);
  const type = response.headers.get('content-type') ?? '';
  if (type === 'application/json') {
    checkResponse('POST', path, response.status, await response.clone().json());
  }
  return response;
}

/** A JSON answer; fails when the sandbox refuses. */
export async function hear<Body = { text: string }>(
  bytes: Uint8Array,
  fields: Fields = {},
  { of = sandbox(), path = TRANSCRIPTIONS } = {},
): Promise<Body> {
  const response = await askAudio(path, audioForm(bytes, fields), of);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`refused: ${text}`);
  return JSON.parse(text);
}

/** An answer that is no JSON. */
export async function hearText(
  bytes: Uint8Array,
  fields: Fields,
  { of = sandbox(), path = TRANSCRIPTIONS } = {},
): Promise<string> {
  const response = await askAudio(path, audioForm(bytes, fields), of);
  const text = await response.text();
  if (response.headers.get('content-type') !== 'text/plain; charset=utf-8') {
    throw new Error(`no text: ${text}`);
  }
  return text;
}

/** What a form that must be refused is told. */
export async function audioRefusal(
  form: FormData,
  path = TRANSCRIPTIONS,
  of: Sandbox = sandbox(),
): Promise<ErrorAnswer['error'] & { status: number }> {
  const response = await askAudio(path, form, of);
  const body = await response.text();
  if (response.status < 400) throw new Error(`accepted: ${body.slice(0, 1000)}`);
  return { status: response.status, ...JSON.parse(body).error };
}

export interface StreamedEvents<Event> {
  readonly events: readonly Event[];
  /** The data of events that are an error or no JSON. */
  readonly others: readonly string[];
  /** Why the body broke off. */
  readonly failure: unknown;
}

/** Streamed events, read to their end. Each obeys the OpenAPI document. */
export async function readEvents<Event>(response: Response, path: string): Promise<StreamedEvents<Event>> {
  if (response.headers.get('content-type') !== 'text/event-stream; charset=utf-8') {
    throw new Error(`no stream: ${await response.text()}`);
  }
  let raw = '';
  let failure: unknown;
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) raw += decoder.decode(piece, { stream: true });
  } catch (error) {
    failure = error;
  }
  const events: Event[] = [];
  const others: string[] = [];
  for (const text of raw.split('\n\n').filter((one) => one !== '')) {
    const data = text.replace(/^data: /, '');
    if (!data.endsWith('}')) {
      others.push(data);
      continue;
    }
    const event = JSON.parse(data);
    checkStreamEvent('POST', path, event);
    if ('error' in event) others.push(data);
    else events.push(event);
  }
  return { events, others, failure };
}

/** A streamed transcription. */
export async function hearStream<Event>(
  bytes: Uint8Array,
  fields: Fields,
  of: Sandbox = sandbox(),
): Promise<StreamedEvents<Event>> {
  const form = audioForm(bytes, { model: 'gpt-4o-transcribe', stream: 'true', ...fields });
  return readEvents(await askAudio(TRANSCRIPTIONS, form, of), TRANSCRIPTIONS);
}

/** RFC 7845, section 5.1: version 1, one channel, 312 samples to skip, 48 kHz. */
const OPUS_HEAD = Buffer.from('OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0', 'latin1');

/** A file of a container that the sandbox does not decode, with packets that hold no sound. */
export async function container(kind: 'ogg' | 'webm' | 'mp4', seconds: number): Promise<Buffer> {
  const format = { ogg: OggOutputFormat, webm: WebMOutputFormat, mp4: Mp4OutputFormat }[kind];
  const target = new BufferTarget();
  const output = new Output({ format: new format(), target });
  const source = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(source);
  await output.start();
  const duration = 0.02;
  for (let at = 0; at < seconds; at += duration) {
    // One frame of 20 ms, of silence: RFC 6716, section 3.1.
    const packet = new EncodedPacket(new Uint8Array([0xf8, 0xff, 0xfe]), 'key', at, duration);
    const decoderConfig = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000, description: OPUS_HEAD };
    await source.add(packet, at === 0 ? { decoderConfig } : undefined);
  }
  await output.finalize();
  return Buffer.from(target.buffer ?? new ArrayBuffer(0));
}
