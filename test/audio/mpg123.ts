import { MPEGDecoder } from 'mpg123-decoder';

/** Decodes an MP3 with mpg123, and fails where it complains. @param gapless leave out what encoders added at the ends */
export async function decodeMp3(bytes: Uint8Array, { gapless = false } = {}) {
  const decoder = new MPEGDecoder({ enableGapless: gapless });
  await decoder.ready;
  const { channelData, samplesDecoded, sampleRate, errors } = decoder.decode(bytes);
  decoder.free();
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return { samples: channelData[0] ?? new Float32Array(), count: samplesDecoded, sampleRate };
}
