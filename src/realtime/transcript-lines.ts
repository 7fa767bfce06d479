import type { OutputStream } from '../context.ts';
import { TextStream } from '../output/text.ts';

/** What is known of a turn that somebody speaks. */
interface SpokenTurn {
  text: string;
  printed: string;
  isOver: boolean;
}

/**
 * Prints what is recognised, as it is, a line for each turn. Turns are printed in the order in which they were spoken: one
 * that is known before the one in front of it waits.
 */
export class TranscriptLines {
  readonly #out: TextStream;
  readonly #turns = new Map<string, SpokenTurn>();
  /** What is printed may still go on. */
  #isOpen = false;
  #hasText = false;

  constructor(stdout: OutputStream) {
    this.#out = new TextStream(stdout);
  }

  /** Something was recognised. */
  get hasText(): boolean {
    return this.#hasText;
  }

  /** A turn is there, whatever was said in it. */
  begin(id: string): void {
    this.#turnOf(id);
  }

  /** More of a turn. */
  add(id: string, piece: string): Promise<void> | undefined {
    this.#turnOf(id).text += piece;
    return this.#print();
  }

  /** A turn is whole. @param transcript all of it; undefined where there is no more than what came */
  finish(id: string, transcript: string | undefined): Promise<void> | undefined {
    const turn = this.#turnOf(id);
    turn.isOver = true;
    if (transcript !== undefined) turn.text = transcript;
    return this.#print();
  }

  /** No more comes: what is printed ends with its line. */
  async end(): Promise<void> {
    for (const turn of this.#turns.values()) turn.isOver = true;
    await this.#print();
    await this.#out.end();
  }

  #turnOf(id: string): SpokenTurn {
    const known = this.#turns.get(id);
    if (known !== undefined) return known;
    const turn: SpokenTurn = { text: '', printed: '', isOver: false };
    this.#turns.set(id, turn);
    return turn;
  }

  #print(): Promise<void> | undefined {
    let slow: Promise<void> | undefined;
    for (const [id, turn] of this.#turns) {
      slow = this.#printTurn(turn) ?? slow;
      if (!turn.isOver) break;
      this.#turns.delete(id);
    }
    return slow;
  }

  #printTurn(turn: SpokenTurn): Promise<void> | undefined {
    const { text, printed, isOver } = turn;
    let rest = text.startsWith(printed) ? text.slice(printed.length) : `\n${text}`;
    if (printed === '') rest = rest.trimStart();
    turn.printed = text;
    // What was told before it was said for good cannot be taken back: the turn stands there again, whole.
    if (rest.trim() !== '') this.#hasText = true;
    if (rest !== '') this.#isOpen = true;
    const ending = isOver && this.#isOpen ? '\n' : '';
    if (isOver) this.#isOpen = false;
    return rest === '' && ending === '' ? undefined : this.#out.write(rest + ending);
  }
}
