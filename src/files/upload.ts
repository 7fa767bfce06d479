import type { Api } from '../api/client.ts';
import { type FilePurpose, type StoredFile, type UploadOptions, uploadFile } from '../api/files.ts';
import type { LocalFile } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { Failure, isHopeless } from '../errors.ts';
import { sayFailure } from '../output/failure-line.ts';
import { bar, startWaiting } from '../output/progress.ts';
import { sizeText } from '../output/size.ts';
import { timeLeft } from '../output/time.ts';
import type { GivenFile } from './given-files.ts';
import type { LintPurpose } from './lint.ts';
import { checkRows } from './lint-file.ts';

/** How files are uploaded. */
export interface SendOptions extends Omit<UploadOptions, 'onProgress'> {
  /** Rows are looked at first, where the purpose has any. */
  readonly lint: boolean;
}

/** What of the rows of a file is looked at before it is sent; undefined: it has none. */
export function lintedFor(purpose: FilePurpose): LintPurpose | undefined {
  return purpose === 'batch' || purpose === 'fine-tune' ? purpose : undefined;
}

/**
 * Looks at the rows of a file, and uploads it: what a person sees of it is how far it is.
 * @throws Failure or Stopped
 */
export async function sendFile(
  api: Api,
  file: LocalFile,
  { lint, ...options }: SendOptions,
  context: Context,
): Promise<StoredFile> {
  const purpose = lint ? lintedFor(options.purpose) : undefined;
  if (purpose !== undefined) await checkRows(file, { for: purpose }, context);
  const waiting = startWaiting(context, `sending ${file.shown}`, { elapsed: true });
  const rate = new Rate(context);
  try {
    return await uploadFile(
      api,
      file,
      {
        ...options,
        onProgress: (sent, all) => waiting.update(() => `sending ${file.shown} · ${rate.text(sent, all)}`),
      },
      context,
    );
  } finally {
    waiting.stop();
  }
}

/** How quickly something goes on. */
class Rate {
  readonly #context: Context;
  #start: { readonly time: number; readonly sent: number } | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  text(sent: number, all: number): string {
    const time = this.#context.clock.now();
    // What an earlier run has sent took no time in this one.
    this.#start ??= { time, sent };
    const seconds = (time - this.#start.time) / 1000;
    const rate = seconds < 1 ? 0 : (sent - this.#start.sent) / seconds;
    const share = all === 0 ? 1 : sent / all;
    return [
      `${bar(share)} ${Math.floor(100 * share)} %`,
      `${sizeText(sent)} of ${sizeText(all)}`,
      ...(rate > 0 ? [`${sizeText(Math.round(rate))}/s`, timeLeft((all - sent) / rate)] : []),
    ].join(' · ');
  }
}

/**
 * Uploads several files, one after the other; one that fails does not keep the others.
 * @param done told of each that is there
 * @throws Failure: of kind `partial` where some failed; that of the file where there is one; Stopped
 */
export async function sendEach(
  files: readonly GivenFile[],
  send: (file: LocalFile) => Promise<StoredFile>,
  done: (file: StoredFile) => Promise<void>,
  context: Context,
): Promise<void> {
  const failures: Failure[] = [];
  for (const given of files) {
    try {
      const { file, dispose } = await given.open();
      try {
        await done(await send(file));
      } finally {
        await dispose();
      }
    } catch (error) {
      // Without the right key, or with no money or no disk left, all others fail too.
      if (files.length === 1 || !(error instanceof Failure) || isHopeless(error)) throw error;
      failures.push(error);
      sayFailure(error, context);
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const kind = failures.length === files.length ? first.kind : 'partial';
  throw new Failure(kind, `${failures.length} of ${files.length} files could not be uploaded`);
}
