/** What a program printed, as far as it is kept. */
export interface Told {
  readonly text: string;
  /** Bytes that it printed in all. */
  readonly size: number;
  /** Bytes of it that are kept. */
  readonly kept: number;
  /** Some of it is no UTF-8: U+FFFD stands there. */
  readonly garbled: boolean;
}

/** Keeps the first bytes of an output, and counts the rest. */
export class Head {
  readonly #limit: number;
  readonly #pieces: Uint8Array[] = [];
  #kept = 0;
  #size = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    const room = this.#limit - this.#kept;
    if (room <= 0) return;
    // A copy: a view would keep all of the piece.
    const piece = bytes.length > room ? bytes.slice(0, room) : bytes;
    this.#pieces.push(piece);
    this.#kept += piece.length;
  }

  told(): Told {
    const bytes = Buffer.concat(this.#pieces);
    // A character that the limit cuts in two is left out.
    return { ...decoded(bytes, this.#size > this.#kept), size: this.#size, kept: this.#kept };
  }
}

/** Keeps the last bytes of an output. */
export class Tail {
  readonly #limit: number;
  #bytes: Uint8Array = new Uint8Array();
  #size = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-this.#limit);
  }

  told(): Told {
    // Of a character that was cut in two the rest is left out: no character begins with such a byte.
    const isRest = (byte: number) => (byte & 0xc0) === 0x80;
    const begin = this.#size > this.#limit ? this.#bytes.findIndex((byte) => !isRest(byte)) : 0;
    const bytes = this.#bytes.subarray(Math.max(0, begin));
    return { ...decoded(bytes, false), size: this.#size, kept: bytes.length };
  }
}

function decoded(bytes: Uint8Array, cut: boolean): { text: string; garbled: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
    return { text, garbled: false };
  } catch {
    return { text: new TextDecoder().decode(bytes, { stream: cut }), garbled: true };
  }
}
