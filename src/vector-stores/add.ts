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
import { retrieveStore } from '../api/vector-stores.ts';
import { inParallel } from '../bulk/parallel.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { warn } from '../output/messages.ts';
import { bar, startWaiting, type Waiting } from '../output/progress.ts';
import { AddReport, type AddState, type Told } from './add-report.ts';
import { ArrivedUploads } from './arrived-uploads.ts';
import { Attacher } from './attacher.ts';
import { pathAttribute, attributes as readAttributes } from './attributes.ts';
import { type ChunkingFlags, readChunking } from './chunking.ts';
import { readContents, type StoreContents } from './contents.ts';
import { ADDED_AT_ONCE } from './defaults.ts';
import { isMissing, type NamedStore, refuseExpired, withStore } from './find-store.ts';
import { type Ledger, openLedger } from './ledger.ts';
import {
  type FoundText,
  type FoundTexts,
  findStoreTexts,
  type LocalText,
  readLocalText,
} from './local-texts.ts';
import { deleteUpload } from './stores.ts';

export interface AddOptions extends GlobalOptions, ChunkingFlags {
  /** False after `--no-attribute`. */
  readonly attribute?: readonly (readonly [name: string, value: string])[] | false;
  readonly force?: boolean;
  /** Uploads at the same time. */
  readonly concurrency?: number;
}

/** What is to be added, and how. */
export interface AddPlan {
  readonly found: FoundTexts;
  readonly attributes: Attributes;
  readonly chunking: Chunking | undefined;
  readonly options: AddOptions;
  /** What stdout gets: each path that is new, all as JSON Lines, or, where it is another's, nothing. */
  readonly told: Told;
}

/** Reads what is to be added, before anything is asked of the API. @throws Failure (usage); Stopped */
export async function planAdd(
  words: readonly string[],
  options: AddOptions,
  told: Told,
  context: Context,
): Promise<AddPlan> {
  return {
    told,
    attributes: options.attribute ? readAttributes(options.attribute) : {},
    chunking: readChunking(options),
    found: await findStoreTexts(words, context),
    options,
  };
}

/**
 * Adds files to a store: those that it has are left alone, those that have changed take the place of what they were.
 * @throws Failure: of kind `partial` where some failed; Stopped, once it is said how to come back
 */
export async function addToStore(word: string, plan: AddPlan, api: Api, context: Context): Promise<void> {
  if (api.dryRun) return showUpload(plan, api, context);
  await withStore(word, api, async (named) => {
    const store = named.store ?? (await retrieveStore(api, named.id));
    refuseExpired(store);
    await fill({ ...named, store }, plan, api, context);
  });
}

/** The request with which it begins. */
async function showUpload({ found }: AddPlan, api: Api, context: Context): Promise<void> {
  for (const text of found.texts) {
    if (text.kind === 'id') continue;
    const { file } = await readLocalText(text.path, context);
    await uploadFile(api, file, { purpose: 'assistants' }, context);
  }
  warn(context, 'no file would be sent: all of them are uploaded already');
}

async function fill(store: NamedStore, plan: AddPlan, api: Api, context: Context): Promise<void> {
  const ledger = await openLedger(store.id, store.shown, api, context);
  try {
    const contents = await readContents(api, store.id);
    await new Adding(store, plan, contents, ledger, api, context).run();
  } finally {
    await ledger.close();
  }
}

/** A file that the API has, on its way into the store. */
interface Entry extends FileToAttach {
  /** As the user knows it. */
  readonly shown: string;
  readonly state: Extract<AddState, 'added' | 'replaced' | 'changed'>;
  /** What it takes the place of. */
  readonly stale: readonly VectorStoreFile[];
}

class Adding {
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
    this.#report = new AddReport(store.shown, plan.found.texts.length, plan.told, context);
    this.#attacher = new Attacher(store, api, context);
    this.#arrived = new ArrivedUploads(api);
  }

  async run(): Promise<void> {
    const { texts, leftOut } = this.#plan.found;
    if (leftOut.length > 0) warn(this.#context, leftOutText(leftOut));
    try {
      await this.#takeAll(texts);
      await this.#attacher.flush();
    } catch (error) {
      throw this.#report.cut(error, this.#taken);
    }
    // Who waits for that is told by itself how to come back.
    await this.#attacher.finish((entry, problem) => this.#indexed(entry, problem));
    await this.#ledger.clear();
    this.#report.end();
  }

  async #takeAll(texts: readonly FoundText[]): Promise<void> {
    const waiting = startWaiting(this.#context, `adding to ${this.#store.shown}`, { elapsed: true });
    try {
      await inParallel(
        texts,
        this.#plan.options.concurrency ?? ADDED_AT_ONCE,
        async (text) => {
          await this.#take(text).catch((error: unknown) => this.#failed(text, error));
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
    if (isItsOwn && !this.#context.signal.aborted) {
      const shown = text.kind === 'id' ? text.id : text.path;
      const message = error.message.includes(shown) ? error.message : `${shown}: ${error.message}`;
      await this.#report.fail(shown, new Failure(error.kind, message, error));
      // What is refused of the store is refused of all files.
      if (!isMissing(error) || text.kind === 'id') return;
    }
    if (this.#end === undefined || error instanceof Stopped) this.#end = { error };
  }

  async #take(found: FoundText): Promise<void> {
    if (found.kind === 'id') return this.#takeUploaded(found.id);
    const text = await readLocalText(found.path, this.#context);
    const shown = found.path;
    const { same, stale } = this.#contents.find(text);
    const { force } = this.#plan.options;
    if (same !== undefined && force !== true) return this.#takeKept(same, stale, shown, text);
    const replaced = same === undefined ? stale : [same, ...stale];
    const id = await this.#uploadedId(text, force === true);
    const state = replaced.length > 0 ? 'replaced' : 'added';
    await this.#attacher.add(this.#entry(id, shown, state, ownAttributes(text), replaced));
  }

  /** A file that the API has already, by its id. */
  async #takeUploaded(id: string): Promise<void> {
    const kept = this.#contents.get(id);
    if (kept !== undefined) return this.#takeKept(kept, [], id, undefined);
    await retrieveFile(this.#api, id);
    await this.#attacher.add(this.#entry(id, id, 'added', {}, []));
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
    if (status === 'in_progress' && !isCutOtherwise) return this.#attacher.await(entry);
    if (status !== 'completed' || isCutOtherwise) {
      // Noted first: a run that is killed in between finds the upload again.
      if (text !== undefined) await this.#ledger.uploaded(text, id);
      await detachFile(this.#api, this.#store.id, id);
      return this.#attacher.add(entry);
    }
    const differs = Object.entries(given).some(([name, value]) => kept[name] !== value);
    if (differs) await updateStoreFile(this.#api, this.#store.id, id, entry.attributes);
    await this.#discard(stale);
    await this.#report.tell(shown, differs ? 'changed' : 'unchanged', id);
  }

  /** A run that is killed can say nothing: how to come back is said before the first upload. */
  #announce(): void {
    const { length } = this.#plan.found.texts;
    if (this.#isAnnounced || length === 1) return;
    this.#isAnnounced = true;
    const { shown, id } = this.#store;
    const what = `${length} files for ${shown}${shown === id ? '' : ` (${id})`}`;
    warn(this.#context, `${what}; stopped or killed, the same command goes on`);
  }

  /** Uploads a file, where no earlier run has done so. */
  async #uploadedId(text: LocalText, isForced: boolean): Promise<string> {
    const earlier = isForced ? undefined : this.#ledger.earlier(text);
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

function ownAttributes({ path, sha256 }: LocalText): Attributes {
  return { path: pathAttribute(path), sha256 };
}

function isSameChunking(there: Chunking | undefined, asked: Chunking): boolean {
  return there?.size === asked.size && there.overlap === asked.overlap;
}

/** `left out: 3 .png, 1 empty file` */
function leftOutText(leftOut: FoundTexts['leftOut']): string {
  const counts = new Map<string, number>();
  for (const { why } of leftOut) counts.set(why, (counts.get(why) ?? 0) + 1);
  const parts = [...counts].map(([why, count]) => `${count} ${why}`);
  return `left out, as the API searches no such files: ${parts.join(', ')}`;
}
