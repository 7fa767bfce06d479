import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { type ExtractWish, extractWish, type OutputFlags } from '../flags/output.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import type { CodeExtractor } from '../output/markdown/extract.ts';
import { findTarget, isStdoutPath, type Target } from '../output/target.ts';
import { InertTextStream, inertText } from '../output/terminal.ts';
import { type TextFilter, TextStream } from '../output/text.ts';
import type { Choice } from './answer.ts';
import { AnswerFile } from './answer-file.ts';
import { problemOf } from './code-of.ts';
import { SILENT, separatorOf } from './show-answers.ts';

/** Where the answers to a question go. */
export interface AnswerOutput {
  /** Their texts go somewhere: to stdout or into files. */
  readonly takesText: boolean;
  /** No text but the answers may be given: it goes into a file, or code is taken out of it. */
  readonly wantsResult: boolean;
  /** Where the next answer goes. */
  sink(): AnswerSink;
  /**
   * All answers are at their end: finishes the files and tells their paths.
   * @param failure what is wrong with them
   * @throws Failure that, with word of where what came is; or what is wrong with what was made of the answers
   */
  finish(choices: readonly Choice[], failure: Error | undefined): Promise<void>;
}

export interface AnswerOutputOptions
  extends Omit<OutputFlags, 'output' | 'force'>,
    AnswerFlags,
    GlobalOptions {
  readonly output: string | undefined;
  readonly force: boolean | undefined;
  /** The text itself is shown, not JSON that holds it. */
  readonly isText: boolean;
  /** The answer is JSON: it is no Markdown. */
  readonly isJson: boolean;
  /** What files are named after. */
  readonly subject: string;
}

/**
 * Finds out where answers go, before anything is asked.
 * @throws Failure (usage) where they could not go there
 */
export async function answerOutput(
  options: AnswerOutputOptions,
  api: Api,
  context: Context,
): Promise<AnswerOutput> {
  const target = options.dryRun === true ? undefined : await targetOf(options, context);
  const wish = extractWish(options);
  const [shown, extractor] = await Promise.all([
    filterForShow(options, api, context),
    wish === undefined ? undefined : extractorFor(wish, options),
  ]);
  return new Output({ options, context, target, wish, shown, extractor });
}

/** Whether Markdown is made readable: for a person at a terminal. */
export function isRendered(
  { raw, isJson }: Pick<AnswerOutputOptions, 'raw' | 'isJson'>,
  { settings }: Api,
  { stdout, env }: Context,
): boolean {
  return stdout.isTTY && raw !== true && !isJson && settings.markdown && env['TERM'] !== 'dumb';
}

/** What makes of an answer what is shown on stdout. */
async function filterForShow(
  options: AnswerOutputOptions,
  api: Api,
  context: Context,
): Promise<(() => TextFilter) | undefined> {
  if (!options.isText || extractWish(options) !== undefined || !isRendered(options, api, context))
    return undefined;
  const { MarkdownRenderer, terminalOf } = await import('../output/markdown/renderer.ts');
  const terminal = terminalOf(context.stdout, context.env);
  return () => new MarkdownRenderer(terminal);
}

async function extractorFor(
  { language, all }: ExtractWish,
  flags: AnswerFlags,
): Promise<() => CodeExtractor> {
  const { CodeExtractor } = await import('../output/markdown/extract.ts');
  const between = separatorOf(flags);
  return () => new CodeExtractor({ language, all, between });
}

/** @throws Failure (usage) */
async function targetOf(options: AnswerOutputOptions, context: Context): Promise<Target | undefined> {
  const { output, force = false, count = 1, subject } = options;
  if (output === undefined || isStdoutPath(output)) {
    if (force) throw usageError('--force is for a file that is replaced', 'add -o FILE');
    return undefined;
  }
  const flag = options.separator === undefined ? options.null === true && '-0' : '--separator';
  if (flag !== false && extractWish(options)?.all !== true) {
    throw usageError(`${flag} stands between answers on stdout, and -o has a file for each`);
  }
  return findTarget({ output, force, count, thing: 'an answer', example: 'answer.md', subject }, context);
}

interface Setup {
  readonly options: AnswerOutputOptions;
  readonly context: Context;
  readonly target: Target | undefined;
  readonly wish: ExtractWish | undefined;
  readonly shown: (() => TextFilter) | undefined;
  readonly extractor: (() => CodeExtractor) | undefined;
}

class Output implements AnswerOutput {
  readonly #setup: Setup;
  readonly #files: AnswerFile[] = [];
  /** One for each answer. */
  readonly #extractors: CodeExtractor[] = [];

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  get takesText(): boolean {
    return this.#setup.options.isText || this.#setup.target !== undefined;
  }

  get wantsResult(): boolean {
    return this.#setup.target !== undefined || this.#setup.wish !== undefined;
  }

  sink(): AnswerSink {
    const { context, target, extractor } = this.#setup;
    const own = extractor?.();
    if (own !== undefined) this.#extractors.push(own);
    const file = target === undefined ? undefined : this.#file(target, own);
    const saved = file && new TextStream(file, own);
    if (!this.#isShown) return saved === undefined ? SILENT : unseen(saved);
    const shown = new TextStream(context.stdout, this.#shownBy(file === undefined ? own : extractor?.()));
    return saved === undefined ? shown : both(shown, saved);
  }

  async finish(choices: readonly Choice[], failure: Error | undefined): Promise<void> {
    const problem = failure ?? this.#problem();
    const paths: string[] = [];
    const errors: unknown[] = [];
    for (const file of this.#files) {
      await file.close(problem).then(
        (path) => path !== undefined && paths.push(path),
        (error: unknown) => errors.push(error),
      );
    }
    await this.#tell(paths);
    this.#sayWhatIsLeft(choices);
    const error = errors[0] ?? problem;
    if (error !== undefined) throw error;
  }

  /** The text is on stdout: without a file, or on a terminal, where the file is written as well. */
  get #isShown(): boolean {
    const { options, context, target } = this.#setup;
    return options.isText && (target === undefined || context.stdout.isTTY);
  }

  #file(target: Target, code: CodeExtractor | undefined): AnswerFile {
    const { context } = this.#setup;
    const extension = () => code?.extension ?? 'md';
    const file = new AnswerFile(target, this.#files.length + 1, extension, context);
    this.#files.push(file);
    return file;
  }

  #shownBy(extractor: CodeExtractor | undefined): TextFilter | undefined {
    const { context, shown } = this.#setup;
    if (extractor === undefined) return shown?.();
    return context.stdout.isTTY ? inert(extractor) : extractor;
  }

  /** What is wrong with the code that was asked for. */
  #problem(): Failure | undefined {
    const { wish } = this.#setup;
    if (wish === undefined) return undefined;
    const problems = this.#extractors.map((found) =>
      problemOf(wish, found, 'what it says is above, on stderr'),
    );
    return problems.find((problem) => problem !== undefined);
  }

  /** The result of files is their paths. */
  async #tell(paths: readonly string[]): Promise<void> {
    const { options, context } = this.#setup;
    if (!options.isText) return;
    const { stdout } = context;
    for (const path of paths) {
      // A device or a pipe is no file that somebody would look for.
      // Where it stands no more, somebody took it: a program that waits for such files.
      const found = await stat(resolve(context.cwd, path)).catch(() => undefined);
      if (found?.isFile() === false) continue;
      await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
    }
  }

  /** An answer that went nowhere else is not lost: it is paid for. */
  #sayWhatIsLeft(choices: readonly Choice[]): void {
    const { stderr } = this.#setup.context;
    for (const [index, { text }] of choices.entries()) {
      const isUnseen = this.#extractors[index]?.count === 0;
      const isLost = this.#files[index]?.isLost === true && !this.#isShown;
      if ((!isUnseen && !isLost) || text === '') continue;
      stderr.write(`${(stderr.isTTY ? inertText(text) : text).replace(/\n?$/, '\n')}`);
    }
  }
}

/** What a terminal may be given. */
function inert(filter: TextFilter): TextFilter {
  const stream = new InertTextStream();
  return {
    push: (text) => stream.push(filter.push(text)),
    end: () => stream.push(filter.end()) + stream.end(),
  };
}

/** Nothing of it is printed. */
function unseen(saved: AnswerSink): AnswerSink {
  return { started: false, write: (piece) => saved.write(piece), end: (ending) => saved.end(ending) };
}

/** @param shown the one whose reader is waited for */
function both(shown: AnswerSink, saved: AnswerSink): AnswerSink {
  return {
    get started() {
      return shown.started;
    },
    write(piece) {
      void saved.write(piece);
      return shown.write(piece);
    },
    async end(ending) {
      await shown.end(ending);
      await saved.end(ending);
    },
  };
}
