/** Where the text of an answer goes as it comes. */
export interface AnswerSink {
  /** Something was written. */
  readonly started: boolean;
  /** Takes the next piece. Gives a promise only when the reader is slow: wait for it. */
  write(piece: string): Promise<void> | undefined;
  /**
   * Writes what is left, and how the text ends.
   * @param ending what stands after the text; without it, a line break where the text does not end with one
   */
  end(ending?: string): Promise<void>;
}
