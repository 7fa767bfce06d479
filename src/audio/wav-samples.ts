import type { WavFormat } from './wav.ts';

/** Reads samples of one channel out of the samples of all: the mean of them, of full scale 1. */
export type MonoReader = (bytes: Uint8Array) => Float32Array;

/**
 * What reads the samples of a format.
 * @returns undefined where they are of a codec that is not read here
 */
export function monoReader(format: WavFormat): MonoReader | undefined {
  const read = sampleReader(format);
  if (read === undefined) return undefined;
  const { channels, blockAlign } = format;
  const width = blockAlign / channels;
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Math.floor(bytes.length / blockAlign);
    return Float32Array.from({ length }, (_, index) => {
      let sum = 0;
      for (let channel = 0; channel < channels; channel += 1)
        sum += read(view, index * blockAlign + channel * width);
      return sum / channels;
    });
  };
}

type SampleReader = (view: DataView, at: number) => number;

/** Reads a sample of full scale 1 at a byte. */
function sampleReader({ encoding, blockAlign, channels }: WavFormat): SampleReader | undefined {
  return READERS[`${encoding} ${(blockAlign / channels) * 8}`];
}

const READERS: Readonly<Record<string, SampleReader>> = {
  'pcm 8': (view, at) => view.getUint8(at) / 0x80 - 1,
  'pcm 16': (view, at) => view.getInt16(at, true) / 0x8000,
  'pcm 24': (view, at) => (view.getUint16(at, true) / 0x100 + view.getInt8(at + 2) * 0x100) / 0x8000,
  'pcm 32': (view, at) => view.getInt32(at, true) / 0x80000000,
  'float 32': (view, at) => view.getFloat32(at, true),
  'float 64': (view, at) => view.getFloat64(at, true),
};
