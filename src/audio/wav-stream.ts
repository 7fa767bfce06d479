import type { ByteWindow } from './byte-window.ts';
import { type WavHeader, type WavProblem, wavHeader } from './wav.ts';

/**
 * Reads the header of a WAV that comes in pieces, from the first byte on; what is ahead is where it was.
 * @returns as `wavHeader`
 */
export async function streamedWavHeader(window: ByteWindow): Promise<WavHeader | WavProblem | undefined> {
  const reader = wavHeader();
  let step = reader.next();
  while (step.done !== true) {
    const { at, length } = step.value;
    const from = at - window.offset;
    await window.reach(from + length);
    step = reader.next(window.ahead.subarray(from, from + length));
  }
  return step.value;
}
