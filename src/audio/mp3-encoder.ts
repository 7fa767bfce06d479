import { createMp3Encoder } from 'wasm-media-encoders';

/** kbit/s: speech needs no more. */
const BITRATE = 64;

/** Bytes of PCM that are encoded at a time: half a second or so. */
const BLOCK_BYTES = 32 * 1024;

/**
 * Encodes as MP3, with LAME, as the samples arrive.
 * @param pcm 16 bits, little-endian, one channel
 * @param sampleRate Hz: one that MP3 has
 */
export async function* encodeMp3(
  pcm: AsyncIterable<Uint8Array>,
  sampleRate: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = await createMp3Encoder();
  encoder.configure({ channels: 1, sampleRate, bitrate: BITRATE });
  for await (const block of wholeSamples(pcm)) {
    // What it gives is its own memory, which the next call overwrites.
    const frames = encoder.encode([toFloats(block)]).slice();
    if (frames.length > 0) yield frames;
  }
  yield encoder.finalize().slice();
}

/** Pieces that end between two samples. Half a sample at the very end is left out. */
async function* wholeSamples(pcm: AsyncIterable<Uint8Array>) {
  let rest = Buffer.alloc(0);
  for await (const piece of pcm) {
    const bytes = Buffer.concat([rest, piece]);
    const even = bytes.length - (bytes.length % 2);
    for (let at = 0; at < even; at += BLOCK_BYTES) yield bytes.subarray(at, Math.min(at + BLOCK_BYTES, even));
    rest = bytes.subarray(even);
  }
}

function toFloats(pcm: Buffer): Float32Array {
  return Float32Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(i * 2) / 0x8000);
}
