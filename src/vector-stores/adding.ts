import type { Api } from '../api/client.ts';
import { retrieveFile, uploadFile } from '../api/files.ts';
import {
  type Attributes,
  type Chunking,
  chunkingOf,
  detachFile,
  type FileToAttach,
  updateStoreFile,
  type VectorStoreFile,
} from '../api/vector-store-files.ts';
import { inParallel } from '../bulk/parallel.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import { ADDED_AT_ONCE } from '../flags/vector-stores.ts';
import { warn } from '../output/messages.ts';
import { bar, startWaiting, type Waiting } from '../output/progress.ts';
import type { AddPlan } from './add-plan.ts';
import { AddReport, type AddState } from './add-report.ts';
import { ArrivedUploads } from './arrived-uploads.ts';
import { Attacher } from './attacher.ts';
import { pathAttribute } from './attributes.ts';
import type { StoreContents } from './contents.ts';
import { isMissing, type NamedStore } from './find-store.ts';
import type { EarlierUpload, Ledger } from './ledger.ts';
import { type FoundText, type LocalText, readLocalText } from './local-texts.ts';
import { deleteUpload } from './stores.ts';

/** A file that the API has, on its way into the store. */
interface Entry extends FileToAttach {
  /** As the user knows it. */
  readonly shown: string;
  readonly state: Extract<AddState, 'added' | 'replaced' | 'changed'>;
  /** What it takes the place of. */
  readonly stale: readonly VectorStoreFile[];
}

/** A run that fills a store. */
export class Adding {
  readonly #store: NamedStore;
  readonly #plan: AddPlan;
  readonly #contents: StoreContents;
  readonly #ledger: Ledger;
  readonly #api: Api;
  readonly #context: Context;
  readonly #report: AddReport;
  readonly #attacher: Attacher<Entry>;
  readonly #arrived: ArrivedUploads;
  /** Files that are done with, but for their indexing. */
  #taken = 0;
  /** Files of whose path the store has another, from elsewhere. */
  readonly #namesakes: string[] = [];
  #uploaded = 0;
  #isAnnounced = false;
  /** What ends the run. */
  #end: { readonly error: unknown } | undefined;

  constructor(
    store: NamedStore,
    plan: AddPlan,
    contents: StoreContents,
    ledger: Ledger,
    api: Api,
    context: Context,
  ) {
    this.#store = store;
    this.#plan = plan;
    this.#contents = contents;
    this.#ledger = ledger;
    this.#api = api;
    this.#context = context;
    this.#report = new AddReport(store.shown, plan, context);
    this.#attacher = new Attacher(store, plan.goesOn === undefined, api, context);
    this.#arrived = new ArrivedUploads(api);
  }

  async run(): Promise<void> {
    const { texts, leftOut } = this.#plan.found;
    this.#report.leftOut(leftOut);
    const { signal } = this.#context;
    // Said at once: what is under way may take longer to end than a run that is stopped has left.
    const tell = () => this.#report.stopped(this.#taken);
    signal.addEventListener('abort', tell, { once: true });
    try {
      await this.#takeAll(texts);
      await this.#attacher.flush();
    } catch (error) {
      throw this.#report.cut(error, this.#taken);
    } finally {
      signal.removeEventListener('abort', tell);
    }
    // Who waits for that is told by itself how to come back.
    await this.#attacher.finish((entry, problem) => this.#indexed(entry, problem));
    await this.#ledger.clear();
    this.#report.end(this.#namesakes);
  }

  async #takeAll(texts: readonly FoundText[]): Promise<void> {
    const waiting = startWaiting(this.#context, `adding to ${this.#store.shown}`, { elapsed: true });
    try {
      await inParallel(
        texts,
        this.#plan.options.concurrency ?? ADDED_AT_ONCE,
        async (text) => {
          await this.#take(text).catch((error: unknown) => this.#failed(text, error));
          // What the store refuses of many at once is not the fault of one.
          await this.#attacher.flushFull().catch((error: unknown) => this.#stop(error));
          this.#taken += 1;
          this.#show(waiting, texts.length);
        },
        () => this.#end === undefined,
      );
    } finally {
      waiting.stop();
    }
    if (this.#end !== undefined) throw this.#end.error;
  }

  #show(waiting: Waiting, all: number): void {
    const taken = this.#taken;
    const sent = this.#uploaded === 0 ? '' : ` · ${this.#uploaded} uploaded`;
    waiting.update(() => `${bar(taken / all)} ${taken} of ${all} files${sent}`);
  }

  /** A file that cannot be read, or is refused, does not keep others from the store; all else ends the run. */
  async #failed(text: FoundText, error: unknown): Promise<void> {
    const isItsOwn = error instanceof Failure && (error.kind === 'usage' || error.kind === 'refused');
    // What is not there but for an id that was named is the store, or was in it just now.
    const isLost = isMissing(error) && text.kind === 'file';
    if (!isItsOwn || isLost || this.#context.signal.aborted) return this.#stop(error);
    const shown = text.kind === 'id' ? text.id : text.path;
    const message = error.message.includes(shown) ? error.message : `${shown}: ${error.message}`;
    await this.#report.fail(shown, new Failure(error.kind, message, error));
  }

  #stop(error: unknown): void {
    if (this.#end === undefined || error instanceof Stopped) this.#end = { error };
  }

  async #take(found: FoundText): Promise<void> {
    if (found.kind === 'id') return this.#takeUploaded(found.id);
    const text = await readLocalText(found.path, this.#context);
    const shown = found.path;
    const earlier = this.#ledger.earlier(text);
    const { same, stale, hasNamesake } = this.#contents.find(text, earlier?.fileId);
    if (hasNamesake) this.#namesakes.push(shown);
    // With --force, too: where a run was cut, it has sent that already.
    const isSent = same !== undefined && (this.#plan.options.force !== true || same.id === earlier?.fileId);
    if (isSent) {
      await this.#forget(earlier, same.id);
      return this.#takeKept(same, stale, shown, text);
    }
    const replaced = same === undefined ? stale : [same, ...stale];
    const id = await this.#uploadedId(text, earlier);
    const state = replaced.length > 0 ? 'replaced' : 'added';
    this.#attacher.add(this.#entry(id, shown, state, ownAttributes(text), replaced));
  }

  /** A file that the API has already, by its id. */
  async #takeUploaded(id: string): Promise<void> {
    const kept = this.#contents.get(id);
    if (kept !== undefined) return this.#takeKept(kept, [], id, undefined);
    await retrieveFile(this.#api, id);
    this.#attacher.add(this.#entry(id, id, 'added', {}, []));
  }

  /** One that the store has: it may have failed, be cut otherwise, or lack an attribute. */
  async #takeKept(
    file: VectorStoreFile,
    stale: readonly VectorStoreFile[],
    shown: string,
    text: LocalText | undefined,
  ): Promise<void> {
    const { id, status } = file;
    const { attributes: given, chunking } = this.#plan;
    const kept = { ...file.attributes };
    const state = status === 'completed' ? 'changed' : 'added';
    const entry = this.#entry(id, shown, state, kept, stale);
    const isCutOtherwise = chunking !== undefined && !isSameChunking(chunkingOf(file), chunking);
    if (isCutOtherwise || (status !== 'completed' && status !== 'in_progress')) {
      // Noted first: a run that is killed in between finds the upload again.
      if (text !== undefined) await this.#ledger.uploaded(text, id);
      await detachFile(this.#api, this.#store.id, id);
      return this.#attacher.add(entry);
    }
    const differs = Object.entries(given).some(([name, value]) => kept[name] !== value);
    if (differs) await updateStoreFile(this.#api, this.#store.id, id, entry.attributes);
    if (status === 'in_progress') return this.#attacher.await(entry);
    await this.#discard(stale);
    await this.#report.tell(shown, differs ? 'changed' : 'unchanged', id);
  }

  /** A run that is killed can say nothing: how to come back is said before the first upload. */
  #announce(): void {
    const { length } = this.#plan.found.texts;
    const { goesOn } = this.#plan;
    if (this.#isAnnounced || length === 1) return;
    this.#isAnnounced = true;
    const { shown, id } = this.#store;
    const what = `${length} files for ${shown}${shown === id ? '' : ` (${id})`}`;
    warn(
      this.#context,
      `${what}; stopped or killed, ${goesOn === undefined ? 'the same command goes on' : `this goes on: ${goesOn}`}`,
    );
  }

  /** An upload of a run that was cut, which nobody needs any more. */
  async #forget(earlier: EarlierUpload | undefined, keptId: string): Promise<void> {
    const id = earlier?.fileId;
    if (id === undefined || id === keptId || this.#contents.get(id) !== undefined) return;
    await deleteUpload(this.#api, id);
  }

  /** Uploads a file, where no earlier run has done so. */
  async #uploadedId(text: LocalText, earlier: EarlierUpload | undefined): Promise<string> {
    const there = earlier && (await this.#arrived.find(text.file, earlier));
    if (there !== undefined) return there;
    this.#announce();
    await this.#ledger.begin(text);
    const { id } = await uploadFile(this.#api, text.file, { purpose: 'assistants' }, this.#context);
    await this.#ledger.uploaded(text, id);
    this.#uploaded += 1;
    return id;
  }

  #entry(
    id: string,
    shown: string,
    state: Entry['state'],
    own: Attributes,
    stale: readonly VectorStoreFile[],
  ): Entry {
    const { attributes, chunking } = this.#plan;
    return { id, shown, state, stale, chunking, attributes: { ...own, ...attributes } };
  }

  async #indexed({ id, shown, state, stale }: Entry, problem: string | undefined): Promise<void> {
    if (problem !== undefined) {
      const hint = `\`oai vector-store files ${this.#store.shown} --status failed\` shows what failed`;
      const failure = new Failure('refused', `${shown}: ${problem}`, { hint });
      return this.#report.fail(shown, failure, id);
    }
    await this.#discard(stale);
    await this.#report.tell(shown, state, id);
  }

  /** What a file was before is not to be found any more. */
  async #discard(files: readonly VectorStoreFile[]): Promise<void> {
    for (const { id } of files) {
      await detachFile(this.#api, this.#store.id, id).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      await deleteUpload(this.#api, id);
    }
  }
}

function ownAttributes({ path, root, sha256 }: LocalText): Attributes {
  return { path: pathAttribute(path), root, sha256 };
}

function isSameChunking(there: Chunking | undefined, asked: Chunking): boolean {
  return there?.size === asked.size && there.overlap === asked.overlap;
}
