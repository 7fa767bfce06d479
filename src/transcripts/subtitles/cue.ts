/** A stretch of a recording. */
export interface Timed {
  /** Seconds from the beginning of the recording. */
  readonly start: number;
  /** Seconds from the beginning of the recording. */
  readonly end: number;
}

/** What is on the screen for a while. Its text may be of several lines. */
export interface Cue extends Timed {
  readonly text: string;
  readonly speaker?: string;
}

/** A word of a transcript and when it is said. */
export interface TimedWord extends Timed {
  readonly word: string;
}
