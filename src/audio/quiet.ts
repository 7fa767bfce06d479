import type { WavFormat } from './wav.ts';

/** Seconds that must be quiet: a pause between words is longer, a stop within one is not. */
const QUIET_SECONDS = 0.05;

/** The stretches that are looked at, one after the other, begin so many to a quiet one. */
const STEPS = 5;

type Sample = (bytes: Buffer, at: number) => number;

/**
 * Where in some samples it is most quiet.
 * @returns bytes from their start to the middle of the quietest stretch, the last of them where there are several;
 *   undefined where these samples cannot be read here, or are too few
 */
export function quietestPlace(bytes: Buffer, format: WavFormat): number | undefined {
  const sample = samplesOf(format);
  const stepBytes = Math.round((format.sampleRate * QUIET_SECONDS) / STEPS) * format.blockAlign;
  if (sample === undefined || stepBytes === 0 || bytes.length < stepBytes * STEPS) return undefined;
  const sampleBytes = format.blockAlign / format.channels;
  const loudness: number[] = [];
  for (let at = 0; at + stepBytes <= bytes.length; at += stepBytes) {
    let sum = 0;
    for (let place = at; place < at + stepBytes; place += sampleBytes) sum += Math.abs(sample(bytes, place));
    loudness.push(sum);
  }
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step + STEPS <= loudness.length; step++) {
    const sum = loudness.slice(step, step + STEPS).reduce((total, loud) => total + loud, 0);
    if (sum > least) continue;
    least = sum;
    best = step;
  }
  const samples = Math.round((best + STEPS / 2) * (stepBytes / format.blockAlign));
  return samples * format.blockAlign;
}

function samplesOf({ encoding, bitsPerSample }: WavFormat): Sample | undefined {
  if (encoding === 'float') return bitsPerSample === 32 ? (bytes, at) => bytes.readFloatLE(at) : undefined;
  if (encoding !== 'pcm') return undefined;
  if (bitsPerSample === 16) return (bytes, at) => bytes.readInt16LE(at);
  if (bitsPerSample === 24) return (bytes, at) => bytes.readIntLE(at, 3);
  return bitsPerSample === 32 ? (bytes, at) => bytes.readInt32LE(at) : undefined;
}
