/** Something that can stand at the cursor. */
export interface Candidate {
  readonly value: string;
  /** What it is, on one line; may be empty. */
  readonly help: string;
}
