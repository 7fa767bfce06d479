import type { Api } from '../api/client.ts';
import { isRendered } from '../chat/answer-output.ts';
import type { Context } from '../context.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { TextStream } from '../output/text.ts';

/** Makes the sink of each answer. */
export interface AnswerSinks {
  /** Answers are shown as they are written; changes while the session is open. */
  isRaw: boolean;
  /** @param isJson it is no Markdown */
  next(isJson: boolean): AnswerSink;
}

/** Where the answers of a session are shown: as Markdown is read, for a person at a terminal. */
export async function answerSinks(isRaw: boolean, api: Api, context: Context): Promise<AnswerSinks> {
  const { stdout, env } = context;
  // What renders is loaded for those who see it.
  const markdown = stdout.isTTY ? await import('../output/markdown/renderer.ts') : undefined;
  const sinks: AnswerSinks = {
    isRaw,
    next(isJson) {
      const rendered = isRendered({ raw: sinks.isRaw, isJson }, api, context);
      if (markdown === undefined || !rendered) return new TextStream(stdout);
      return new TextStream(stdout, new markdown.MarkdownRenderer(markdown.terminalOf(stdout, env)));
    },
  };
  return sinks;
}
