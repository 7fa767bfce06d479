import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeWavHeader, pcmFormat } from '../../src/audio/wav.ts';
import { speechPcm } from '../../src/sandbox/speech-sound.ts';

/** Speech that the sandbox understands: PCM of 16 bits, 24 kHz. */
export function spokenPcm(text: string): Buffer {
  return Buffer.concat([...speechPcm(text, { pitch: 120, speed: 1 })]);
}

/** Seconds of nothing, in the same form. */
export function quietPcm(seconds: number): Buffer {
  return Buffer.alloc(Math.round(seconds * 24_000) * 2);
}

export function wavOf(
  pcm: Buffer,
  rate = 24_000,
  channels = 1,
  length: number | undefined = pcm.length,
): Buffer {
  return Buffer.concat([makeWavHeader(pcmFormat(rate, channels), length), pcm]);
}

/** The same samples at another rate, by the nearest: good enough to be understood. */
export function atRate(pcm: Buffer, rate: number): Buffer {
  const count = Math.floor(((pcm.length / 2) * rate) / 24_000);
  const made = Buffer.alloc(count * 2);
  for (let index = 0; index < count; index += 1) {
    const place = (index * 24_000) / rate;
    const at = Math.floor(place);
    const sample = (number: number) => (2 * number + 1 < pcm.length ? pcm.readInt16LE(number * 2) : 0);
    const value = sample(at) + (place - at) * (sample(at + 1) - sample(at));
    made.writeInt16LE(Math.round(value), index * 2);
  }
  return made;
}

/** Puts a WAV with speech into a folder. */
export async function writeSpeech(cwd: string, name: string, text: string): Promise<void> {
  await writeFile(join(cwd, name), wavOf(spokenPcm(text)));
}
