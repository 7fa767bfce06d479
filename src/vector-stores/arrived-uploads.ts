import type { Api } from '../api/client.ts';
import { listFiles, retrieveFile, type StoredFile } from '../api/files.ts';
import type { LocalFile } from '../api/local-file.ts';
import { isMissing } from './find-store.ts';
import type { EarlierUpload } from './ledger.ts';

/** Seconds by which the API's clock may be behind. */
const SLACK_S = 120;

/** Uploads of an earlier run that the API has. */
export class ArrivedUploads {
  readonly #api: Api;
  /** Of the time since that run. */
  #recent: Promise<StoredFile[]> | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  /**
   * Finds an upload again.
   * @returns its id; undefined where the API has none, or it is not clear which
   * @throws Failure or Stopped
   */
  async find(file: LocalFile, earlier: EarlierUpload): Promise<string | undefined> {
    const { fileId, since, isAlone } = earlier;
    if (fileId !== undefined) return (await this.#isThere(fileId)) ? fileId : undefined;
    // Of two that look alike, either may have arrived.
    if (!isAlone) return undefined;
    this.#recent ??= this.#uploadedSince(since - SLACK_S);
    const recent = await this.#recent;
    const found = recent.filter(({ filename, bytes }) => filename === file.name && bytes === file.stamp.size);
    return found.length === 1 ? found[0]?.id : undefined;
  }

  /** @param time seconds since 1970 */
  async #uploadedSince(time: number): Promise<StoredFile[]> {
    const found: StoredFile[] = [];
    for await (const page of listFiles(this.#api, { purpose: 'assistants', order: 'desc' })) {
      const recent = page.filter(({ created_at: made }) => made >= time);
      found.push(...recent);
      if (recent.length < page.length) break;
    }
    return found;
  }

  async #isThere(id: string): Promise<boolean> {
    try {
      await retrieveFile(this.#api, id);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }
}
