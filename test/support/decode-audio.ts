import { MPEGDecoder } from 'mpg123-decoder';

/** Decoded sound: samples of full scale 1, of one channel. */
export interface DecodedAudio {
  readonly samples: Float32Array;
  /** How many there are. */
  readonly count: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly seconds: number;
}

/**
 * Decodes an MP3 with mpg123, which shares no code with LAME.
 * @param gapless leave out what encoders added at the ends
 * @throws Error where a frame is wrong
 */
export async function decodeMp3(bytes: Uint8Array, { gapless = false } = {}): Promise<DecodedAudio> {
  const decoder = new MPEGDecoder({ enableGapless: gapless });
  await decoder.ready;
  try {
    const { channelData, sampleRate, samplesDecoded, errors } = decoder.decode(bytes);
    if (errors.length > 0 || samplesDecoded === 0) throw new Error(`no MP3: ${JSON.stringify(errors)}`);
    const [samples = new Float32Array(0)] = channelData;
    return { samples, count: samplesDecoded, sampleRate, seconds: samplesDecoded / sampleRate };
  } finally {
    decoder.free();
  }
}
