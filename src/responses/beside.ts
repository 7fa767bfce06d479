import type { Choice } from '../chat/answer.ts';
import type { ApiAnswer } from '../chat/route.ts';
import type { Beside } from '../chat/show-reply.ts';
import type { WaysOut } from '../chat/verdict.ts';
import type { Context } from '../context.ts';
import { openCalls } from './answer.ts';
import { sayCitations } from './citations.ts';
import { type MadeFiles, withPaths } from './made-files.ts';
import type { ResponsesRoute } from './route.ts';

/** What decides how it is shown. */
export interface BesideOptions {
  readonly route: ResponsesRoute;
  readonly made: MadeFiles;
  /** Paths are told as files are saved: the answer is shown as text. */
  readonly isText: boolean;
  /** With `--json`, too, files are saved: a place was named for them. */
  readonly savesAlways: boolean;
  /** There are tools that want to be allowed. */
  readonly mayCall: boolean;
  /** A script goes on by the id of the response. */
  readonly goesOnById: boolean;
}

/** What hosted tools leave beside the text of responses: files, and what is cited. */
export class BesideResponses implements Beside {
  readonly mayCall: boolean;
  readonly #options: BesideOptions;
  readonly #context: Context;

  constructor(options: BesideOptions, context: Context) {
    this.mayCall = options.mayCall;
    this.#options = options;
    this.#context = context;
    // What earlier answers made was shown with them.
    options.route.forgetItems();
  }

  async shown(): Promise<void> {
    const { isText, made, route } = this.#options;
    if (isText) await made.saveAndTell(route.items);
  }

  async inJson(answer: ApiAnswer): Promise<object> {
    const { savesAlways, made, route } = this.#options;
    if (savesAlways) await made.save(route.items);
    return 'output' in answer ? withPaths(answer, made.paths) : answer;
  }

  end(): void {
    sayCitations(this.#options.route.items, this.#context);
  }

  calls(): object | undefined {
    const { last } = this.#options.route;
    if (!this.#options.goesOnById || last === undefined) return undefined;
    return { id: last.id, calls: openCalls(last) };
  }

  waysOut(_: readonly Choice[], usual: WaysOut): WaysOut {
    const { route, goesOnById } = this.#options;
    if (!goesOnById) return usual;
    return { ...usual, tools: wayToGoOn(route.last?.id ?? 'ID') };
  }
}

/** What a person can do about calls that nobody allowed. */
export function wayToGoOn(id: string): string {
  return `--yes runs them; or oai respond --previous ${id} --tool-result CALL=@FILE, for each call on stdout`;
}
