import type { Api } from '../api/client.ts';
import { containerFile, type ResponseAnswer, type ResponseOutputItem } from '../api/responses.ts';
import type { Context } from '../context.ts';
import { imageTypes, readImageInfo } from '../input/image-kind.ts';
import { findTarget, type Target } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';
import { annotationsIn } from './parts.ts';

/** A file that hosted tools have made, before it is fetched. */
interface MadeFile {
  /** The same for the same file, however often it is cited. */
  readonly id: string;
  /** What it is named after. */
  readonly subject: string;
  /** Undefined where the bytes tell. */
  readonly extension: string | undefined;
  read(): Promise<Uint8Array>;
}

/** Saves the images and files that hosted tools make, each once, under a name of its own. */
export class MadeFiles {
  readonly #folder: string;
  readonly #subject: string;
  readonly #api: Api;
  readonly #context: Context;
  readonly #saved = new Map<string, string>();

  /**
   * @param folder of `-o`; undefined is the working directory
   * @param subject what images are named after: the prompt
   */
  constructor(folder: string | undefined, subject: string, api: Api, context: Context) {
    // A directory, whether it is there yet or not.
    this.#folder = folder === undefined ? './' : `${folder.replace(/\/+$/, '')}/`;
    this.#subject = subject;
    this.#api = api;
    this.#context = context;
  }

  /** Looks whether files could be saved, before anything is paid for. @throws Failure (usage) */
  async check(): Promise<void> {
    await this.#target(this.#subject);
  }

  /** Where each file that was saved is, by the id of what it came with. */
  get paths(): ReadonlyMap<string, string> {
    return this.#saved;
  }

  /**
   * Saves what is in these items and is not saved yet.
   * @returns the paths of what is new
   * @throws Failure where one cannot be had or written; Stopped
   */
  async save(items: readonly ResponseOutputItem[]): Promise<string[]> {
    const paths: string[] = [];
    for (const file of items.flatMap((item) => this.#madeBy(item))) {
      if (this.#saved.has(file.id)) continue;
      const data = await file.read();
      const info = file.extension === undefined ? readImageInfo(data) : undefined;
      const extension = file.extension ?? (info === undefined ? 'bin' : imageTypes[info.kind].extension);
      const path = await (await this.#target(file.subject)).save(1, { extension, data });
      this.#saved.set(file.id, path);
      paths.push(path);
    }
    return paths;
  }

  /** The same, with the paths printed. */
  async saveAndTell(items: readonly ResponseOutputItem[]): Promise<void> {
    const { stdout } = this.#context;
    for (const path of await this.save(items))
      await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
  }

  #target(subject: string): Promise<Target> {
    const options = {
      output: this.#folder,
      force: false,
      count: 1,
      thing: 'a file',
      example: 'files/',
      subject,
    };
    return findTarget(options, this.#context);
  }

  #madeBy(item: ResponseOutputItem): MadeFile[] {
    if (item.type === 'image_generation_call') {
      const { id, result } = item;
      if (typeof result !== 'string') return [];
      return [
        { id, subject: this.#subject, extension: undefined, read: async () => Buffer.from(result, 'base64') },
      ];
    }
    return annotationsIn([item]).flatMap((annotation) => {
      if (annotation.type !== 'container_file_citation') return [];
      const { filename, container_id: container, file_id: file } = annotation;
      // The name is the model's own: a part of it is taken, and no more.
      const [, stem = filename, extension = 'bin'] = /^(.+)\.([A-Za-z0-9]{1,10})$/s.exec(filename) ?? [];
      return [{ id: file, subject: stem, extension, read: () => containerFile(this.#api, container, file) }];
    });
  }
}

/** An image that was saved stands in the answer as its path. */
export function withPaths(response: ResponseAnswer, paths: ReadonlyMap<string, string>): object {
  const output = response.output.map((item) => {
    const path = item.type === 'image_generation_call' ? paths.get(item.id) : undefined;
    return path === undefined ? item : { ...item, result: path };
  });
  return paths.size === 0 ? response : { ...response, output };
}
