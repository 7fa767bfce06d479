import { basename, extname, resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import type { AnsweredImage } from '../api/images.ts';
import { InOrder } from '../bulk/in-order.ts';
import type { Context } from '../context.ts';
import { Failure, isHopeless, Stopped } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { type ImageKind, imageTypes, readImageInfo } from '../input/image-kind.ts';
import { joined, say, warn } from '../output/messages.ts';
import type { Target } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';
import type { ImagePreview } from '../preview/image-preview.ts';
import { decode, type ReceivedImage, receive } from './image-bytes.ts';

export interface GalleryOptions {
  readonly target: Target;
  /** How many images were asked for. */
  readonly count: number;
  readonly open: boolean;
  /** Print the paths; without it they are for the JSON document. */
  readonly printPaths: boolean;
  /** Draws on the terminal. */
  readonly preview: ImagePreview | undefined;
}

/** An image that has been saved. */
interface Saved {
  /** Undefined where there is none: only its URL is known. */
  readonly path: string | undefined;
  /** All that the answer says of it but its bytes. */
  readonly image: Omit<AnsweredImage, 'b64_json'>;
}

/** The images of a run: saves each as it comes, tells its path in the order of the numbers, and remembers what failed. */
export class Gallery {
  readonly #options: GalleryOptions;
  readonly #api: Api;
  readonly #context: Context;
  readonly #started: number;
  readonly #paths: InOrder<string>;
  readonly #saved = new Map<number, Saved>();
  readonly #failures = new Map<number, Error>();
  /** What must not be shown, as it was before any download added the links that it follows. */
  readonly #secrets: ReadonlySet<string>;
  /** How many images came that nobody asked for. */
  #extras = 0;
  #drawn: Promise<void> = Promise.resolve();

  constructor(options: GalleryOptions, api: Api, context: Context) {
    this.#options = options;
    this.#api = api;
    this.#context = context;
    this.#started = context.clock.now();
    this.#secrets = new Set(context.secrets);
    this.#paths = new InOrder((path) => this.#printPath(path));
  }

  /** How many images are saved. */
  get size(): number {
    return this.#numbers().length;
  }

  /** There is something to tell: images, or where they are to be had. */
  get isWorthListing(): boolean {
    return this.#saved.size > 0;
  }

  /** Nothing more should be asked for: what failed would fail again. */
  get isHopeless(): boolean {
    return [...this.#failures.values()].some(meetsEveryOther);
  }

  /**
   * Saves an image. What fails is remembered.
   * @param asked its number; undefined for one more than was asked for, which is kept after all others
   */
  async add(asked: number | undefined, image: AnsweredImage): Promise<void> {
    if (asked === undefined && this.#options.target.isStdout) {
      warn(this.#context, 'left out an image that was not asked for');
      return;
    }
    if (asked === undefined) this.#extras += 1;
    const number = asked ?? this.#options.count + this.#extras;
    const { b64_json: _, ...said } = image;
    try {
      const received = await receive(image, this.#api, this.#context);
      const path = await this.#save(number, received);
      this.#saved.set(number, { path, image: said });
      this.#tell(number, image);
      this.#paths.put(number, path);
      await this.#show(path, received.bytes);
    } catch (error) {
      this.fail([number], error);
      if (said.url === undefined) return;
      // It was made, and may yet be fetched by other means.
      this.#saved.set(number, { path: undefined, image: said });
      say({ ...this.#context, secrets: this.#secrets }, `its URL${this.#ofImage(number)}: ${said.url}`);
    }
  }

  /** Saves a preview of an image that is to come; it is not told on stdout. */
  async addPreview(number: number, preview: number, base64: string): Promise<void> {
    const bytes = decode(base64);
    const info = readImageInfo(bytes);
    if (info === undefined) return;
    try {
      const file = { extension: imageTypes[info.kind].extension, data: bytes };
      const path = await this.#options.target.savePreview(number, preview, file);
      if (path !== '') warn(this.#context, `preview ${preview}${this.#ofImage(number)}: ${path}`);
    } catch (error) {
      // The image itself is what was asked for.
      if (!(error instanceof Failure)) throw error;
      warn(this.#context, error.message);
    }
    this.#draw(bytes, undefined);
    await this.#drawn;
  }

  /** Remembers that these images will not come. */
  fail(numbers: readonly number[], error: unknown): void {
    for (const number of numbers) {
      const said = error instanceof Failure || error instanceof Stopped;
      this.#failures.set(number, said ? error : this.#api.failure(error));
      this.#paths.put(number, undefined);
    }
  }

  /** The images that are there, with their paths in place of their bytes: what `--json` shows of them. */
  listed(): object[] {
    return [...this.#saved]
      .sort(([a], [b]) => a - b)
      .map(([, { path, image }]) => (path === undefined ? image : { ...image, path }));
  }

  /** Prints the paths that were held back, and waits for what is being drawn. */
  async end(): Promise<void> {
    this.#paths.end();
    await this.#drawn;
  }

  /** The failure of the run: of all of it, or of a part. Undefined where all images are there. */
  failure(): Error | undefined {
    const numbers = [...this.#failures.keys()].sort((a, b) => a - b);
    const failures = numbers.flatMap((number) => this.#failures.get(number) ?? []);
    const [first] = failures;
    if (first === undefined) return undefined;
    if (this.size === 0 || !(first instanceof Failure)) return first;
    // The first is in the error itself.
    for (const message of new Set(failures.slice(1).map(({ message }) => message))) {
      if (message !== first.message) warn(this.#context, message);
    }
    const which = numbers.length === 1 ? `image ${numbers[0]}` : `${numbers.length}`;
    const saved = `saved: ${this.#savedNames()}`;
    return new Failure('partial', `${which} of ${this.#options.count} failed: ${first.message}`, {
      hint: first.hint === undefined ? saved : joined(first.hint, saved),
      code: first.code,
      status: first.status,
      requestId: first.requestId,
      cause: first,
    });
  }

  /** What a run that was stopped says of what it leaves. */
  sayWhatIsSaved(): void {
    const { count, target } = this.#options;
    if (this.size === 0 || this.size >= count || target.isStdout) return;
    warn(this.#context, `saved ${this.size} of ${count}: ${this.#savedNames()}`);
  }

  /** Of the images that are saved, in order. */
  #numbers(): number[] {
    const saved = [...this.#saved].filter(([, { path }]) => path !== undefined);
    return saved.map(([number]) => number).sort((a, b) => a - b);
  }

  #savedNames(): string {
    return this.#numbers()
      .map((number) => this.#saved.get(number)?.path)
      .join(', ');
  }

  async #save(number: number, { bytes, info, problem }: ReceivedImage): Promise<string> {
    const { target } = this.#options;
    const data = problem === undefined ? bytes : brokenOff(bytes, problem);
    const onKept = (part: string) => warn(this.#context, `what arrived is in ${part}`);
    const kind = info?.kind ?? 'png';
    const path = await target.save(number, { extension: imageTypes[kind].extension, data, onKept });
    if (!target.isStdout && isMisnamed(path, kind)) {
      warn(this.#context, `${path} holds a ${imageTypes[kind].extension.toUpperCase()} image`);
    }
    return path;
  }

  #tell(number: number, { revised_prompt: revised }: AnsweredImage): void {
    const { count } = this.#options;
    const { clock, stderr, verbosity } = this.#context;
    if (typeof revised === 'string' && revised !== '') {
      warn(this.#context, `revised prompt${this.#ofImage(number)}: ${revised}`);
    }
    if (count > 1 && stderr.isTTY && verbosity !== 'quiet') {
      const seconds = Math.max(1, Math.round((clock.now() - this.#started) / 1000));
      say(this.#context, `image ${number} of ${count} done after ${durationText(seconds * 1000)}`);
    }
  }

  #ofImage(number: number): string {
    return this.#options.count === 1 ? '' : ` of image ${number}`;
  }

  #printPath(path: string): void {
    const { target, printPaths } = this.#options;
    if (target.isStdout || !printPaths) return;
    const { stdout, statusLine } = this.#context;
    statusLine?.clear();
    stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
  }

  async #show(path: string, bytes: Uint8Array): Promise<void> {
    const { count, target, open } = this.#options;
    this.#draw(bytes, count > 1 ? basename(path) : undefined);
    await this.#drawn;
    if (!open || target.isStdout) return;
    const { openInViewer } = await import('../output/viewer.ts');
    await openInViewer(resolve(this.#context.cwd, path), this.#context);
  }

  #draw(bytes: Uint8Array, caption: string | undefined): void {
    const { preview } = this.#options;
    if (preview === undefined) return;
    this.#drawn = this.#drawn.then(() => preview.draw(bytes, caption === undefined ? {} : { caption }));
  }
}

/** What would meet every other request of the run: they differ in nothing but their number, and go to one place. */
function meetsEveryOther(error: Error): boolean {
  // A dry run shows each of the requests.
  if (error instanceof Stopped && error.by === 'dry run') return false;
  if (isHopeless(error)) return true;
  return error instanceof Failure && (error.kind === 'usage' || (error.kind === 'incomplete' && !error.code));
}

/** Bytes that do not make up an image: they are kept, but under no final name. */
async function* brokenOff(bytes: Uint8Array, problem: Failure): AsyncGenerator<Uint8Array> {
  yield bytes;
  throw problem;
}

/** The extensions of the kinds of images, and `jpeg` beside `jpg`. */
const KIND_OF_EXTENSION = new Map<string, ImageKind>([
  ...Object.entries(imageTypes).map(([kind, { extension }]) => [extension, kind as ImageKind] as const),
  ['jpeg', 'jpeg'],
]);

function isMisnamed(path: string, kind: ImageKind): boolean {
  const promised = KIND_OF_EXTENSION.get(extname(path).slice(1).toLowerCase());
  return promised !== undefined && promised !== kind;
}
