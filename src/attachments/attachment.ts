/** Something that goes along with a question. What a request makes of it is the endpoint's affair. */
export type Attachment = AttachedBytes | AttachedText | LinkedImage;

/** Bytes that are sent as they are. */
export interface AttachedBytes {
  readonly kind: 'image' | 'sound' | 'file';
  /** A name for the file; not a path. */
  readonly fileName: string;
  /** The media type. */
  readonly mime: string;
  readonly base64: string;
}

/** A text, which any model reads. */
export interface AttachedText {
  readonly kind: 'text';
  /** What it is called before it: a path as it was typed, where that says nothing of this machine. */
  readonly name: string;
  readonly text: string;
}

/** An image that the server is to fetch by itself. */
export interface LinkedImage {
  readonly kind: 'link';
  readonly url: string;
}
