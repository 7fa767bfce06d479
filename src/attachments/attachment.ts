/** Something that goes along with a question. What a request makes of it is the endpoint's affair. */
export type Attachment = AttachedBytes | AttachedText | LinkedImage;

/** What an endpoint of OpenAI takes beside images, PDF and text. Of other servers it is not known: they are asked. */
export interface Taken {
  readonly sound: boolean;
  /** Documents of offices, by the usual ends of their names. */
  readonly documents: readonly string[];
  /** All of it, for errors. */
  readonly inWords: string;
}

/** Chat Completions (OpenAI's guides to audio and to file inputs). */
export const TAKEN_BY_CHAT: Taken = { sound: true, documents: [], inWords: 'images, sound, PDF and text' };

/** The Responses API (OpenAI's guide to file inputs, accepted file types). */
export const TAKEN_BY_RESPONSES: Taken = {
  sound: false,
  documents: ['docx', 'xlsx', 'pptx', 'odt', 'doc', 'xls', 'ppt'],
  inWords: 'images, PDF, documents and text',
};

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
