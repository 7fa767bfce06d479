import { readFile, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { errno, reasonOf, usageError } from '../errors.ts';
import { objectIn } from '../json.ts';
import { writeFileAtomic } from '../output/files.ts';
import { isStdoutPath } from '../output/target.ts';

/** How far the making of a batch came whose results are to go into a file. */
export interface UnderWay {
  /** What its requests are known by: `sha256:…`, or the id of their file. */
  readonly input: string;
  readonly baseUrl: string;
  readonly endpoint: string;
  /** The uploaded requests. */
  readonly file: string;
  /** Once it was begun; a batch that was begun without it being written down is found by its file. */
  readonly batch?: string;
}

/** `OUTPUT.batch`, beside the file of results: by it the same command goes on where it was stopped. */
export class UnderWayFile {
  readonly #path: string;
  /** What errors call it. */
  readonly name: string;

  private constructor(path: string, name: string) {
    this.#path = path;
    this.name = name;
  }

  /**
   * @param output as it was typed
   * @returns undefined where the results go to no file
   */
  static async beside(output: string | undefined, { cwd }: Context): Promise<UnderWayFile | undefined> {
    if (output === undefined || isStdoutPath(output)) return undefined;
    const path = resolve(cwd, output);
    const found = await stat(path).catch(() => undefined);
    // Nothing can be left beside a device or a pipe.
    if (found !== undefined && !found.isFile()) return undefined;
    return new UnderWayFile(`${path}.batch`, `${output}.batch`);
  }

  /** @throws Failure (usage) where the file is something else */
  async read(): Promise<UnderWay | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (errno(error) === 'ENOENT') return undefined;
      throw usageError(`cannot read ${this.name}: ${reasonOf(error)}`, undefined, error);
    }
    const found = underWayIn(text);
    if (found !== undefined) return found;
    throw usageError(
      `${this.name} does not tell which batch is under way`,
      'another name for -o, or delete that file to begin anew',
    );
  }

  async write(underWay: UnderWay): Promise<void> {
    await writeFileAtomic(this.#path, `${JSON.stringify(underWay)}\n`, { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true }).catch(() => {});
  }
}

function underWayIn(text: string): UnderWay | undefined {
  const value = objectIn(text);
  const fields = ['input', 'baseUrl', 'endpoint', 'file'];
  if (value === undefined || fields.some((name) => typeof value[name] !== 'string')) return undefined;
  return ['string', 'undefined'].includes(typeof value['batch']) ? (value as unknown as UnderWay) : undefined;
}
