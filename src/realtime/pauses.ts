/** Of full scale 1, root mean square: what is louder is taken for speech. -40 dB. */
const SPEECH_LEVEL = 0.01;

/** Pieces of a tenth of a second that are quiet before a turn is over: as long as people pause between sentences. */
const QUIET_PIECES = 7;

/** Finds the turns in speech, for a model that does not: they end where it is quiet after something was said. */
export class Pauses {
  #isSpeaking = false;
  #quiet = 0;

  /** @param piece a tenth of a second of PCM of 16 bits @returns whether a turn ends with it */
  endsWith(piece: Uint8Array): boolean {
    if (levelOf(piece) >= SPEECH_LEVEL) {
      this.#isSpeaking = true;
      this.#quiet = 0;
      return false;
    }
    this.#quiet += 1;
    if (!this.#isSpeaking || this.#quiet < QUIET_PIECES) return false;
    this.#isSpeaking = false;
    return true;
  }
}

function levelOf(piece: Uint8Array): number {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const count = Math.floor(piece.length / 2);
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += (view.getInt16(index * 2, true) / 0x8000) ** 2;
  return Math.sqrt(sum / Math.max(1, count));
}
