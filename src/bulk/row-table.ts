/** What is known of a row whose result is in a file. */
export interface KnownRow {
  /** Bytes from the start of the file to its line. */
  readonly offset: number;
  /** Bytes of its line, with the line break. */
  readonly length: number;
  /** 12 hex digits. */
  readonly key: string;
  readonly isFailed: boolean;
}

const FIRST_ROWS = 1024;
const DIGITS = 12;

/** What is known of rows, by their numbers from 1 on, in 21 bytes for each. */
export class RowTable {
  #offsets = new Float64Array(FIRST_ROWS);
  #lengths = new Uint32Array(FIRST_ROWS);
  /** Of 48 bits, which a number holds exactly. */
  #keys = new Float64Array(FIRST_ROWS);
  /** 0: not known; 1: done; 2: failed. */
  #states = new Uint8Array(FIRST_ROWS);
  /** The highest number. */
  last = 0;
  /** Bytes of all known lines. */
  bytes = 0;
  done = 0;

  set(row: number, { offset, length, key, isFailed }: KnownRow): void {
    this.#grow(row + 1);
    const earlier = this.#states[row];
    if (earlier !== 0) this.bytes -= this.#lengths[row] ?? 0;
    if (earlier === 1) this.done -= 1;
    this.#offsets[row] = offset;
    this.#lengths[row] = length;
    this.#keys[row] = Number.parseInt(key, 16);
    this.#states[row] = isFailed ? 2 : 1;
    this.bytes += length;
    if (!isFailed) this.done += 1;
    this.last = Math.max(this.last, row);
  }

  get(row: number): KnownRow | undefined {
    const state = this.#states[row] ?? 0;
    if (state === 0) return undefined;
    return {
      offset: this.#offsets[row] ?? 0,
      length: this.#lengths[row] ?? 0,
      key: (this.#keys[row] ?? 0).toString(16).padStart(DIGITS, '0'),
      isFailed: state === 2,
    };
  }

  /** How many are known of those after a row. */
  countAfter(row: number): number {
    let count = 0;
    for (let after = row + 1; after <= this.last; after++) if (this.get(after) !== undefined) count += 1;
    return count;
  }

  /** All of them, in the order of their numbers. */
  *inOrder(): Generator<KnownRow> {
    for (let row = 0; row <= this.last; row++) {
      const known = this.get(row);
      if (known !== undefined) yield known;
    }
  }

  #grow(size: number): void {
    if (size <= this.#states.length) return;
    const length = Math.max(size, this.#states.length * 2);
    this.#offsets = copied(this.#offsets, new Float64Array(length));
    this.#lengths = copied(this.#lengths, new Uint32Array(length));
    this.#keys = copied(this.#keys, new Float64Array(length));
    this.#states = copied(this.#states, new Uint8Array(length));
  }
}

function copied<T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
