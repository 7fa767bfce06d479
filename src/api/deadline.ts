import type { Clock, Timer } from '../context.ts';

/** The time that the calls of a run have, all together. It stands still while they are not what is waited for. */
export class Deadline {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #onTimeUp: () => void;
  #at: number | undefined;
  #timer: Timer | undefined;
  /** Pauses that have not ended. */
  #pauses = 0;
  #pausedAt = 0;
  /** The timer that runs rings too early by this many ms. */
  #owed = 0;
  /** The timer rang in a pause. */
  #hasRung = false;

  /** @param limit ms */
  constructor(limit: number, clock: Clock, onTimeUp: () => void) {
    this.#limit = limit;
    this.#clock = clock;
    this.#onTimeUp = onTimeUp;
  }

  /** When the time is up, in ms since 1970, if there are no more pauses. */
  get at(): number {
    const now = this.#clock.now();
    return (this.#at ?? now + this.#limit) + (this.#pauses > 0 ? now - this.#pausedAt : 0);
  }

  /** The first call begins; or another one, which changes nothing. */
  start(): void {
    if (this.#at !== undefined) return;
    this.#pausedAt = this.#clock.now();
    this.#at = this.#clock.now() + this.#limit;
    this.#timer = this.#clock.timer(this.#limit, () => this.#ring());
  }

  /** What it was for is over. */
  end(): void {
    this.#timer?.cancel();
  }

  /** Stops the time. @returns lets it go on, unless there is another pause */
  pause(): () => void {
    if (this.#pauses === 0) this.#pausedAt = this.#clock.now();
    this.#pauses += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#pauses -= 1;
      if (this.#pauses === 0) this.#goOn();
    };
  }

  #goOn(): void {
    if (this.#at === undefined) return;
    const paused = Math.max(this.#clock.now() - this.#pausedAt, 0);
    this.#at += paused;
    this.#owed += paused;
    if (this.#hasRung) this.#ring();
  }

  /** A timer for each pause would be one for each piece of a sound: what pauses took is made up for at the end. */
  #ring(): void {
    this.#hasRung = this.#pauses > 0;
    if (this.#hasRung) return;
    // A clock that was set back must not make it longer.
    const left = Math.min(this.#owed, (this.#at ?? 0) - this.#clock.now());
    this.#owed = 0;
    if (left > 0) this.#timer = this.#clock.timer(left, () => this.#ring());
    else this.#onTimeUp();
  }
}
