import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { answerSinks } from '../repl/answer-sinks.ts';
import { personLines, scriptLines } from '../repl/line-sources.ts';
import { TurnEnd } from '../repl/turn-end.ts';
import type { RealtimeOptions } from './options.ts';
import { talk } from './repl.ts';
import { prepareConversation } from './setup.ts';

/**
 * Talks with a model line by line: what a person types, or what is piped in.
 * @throws Failure; the reason of the run's end
 */
export async function runTalk(options: RealtimeOptions, api: Api, context: Context): Promise<void> {
  const ending = new TurnEnd();
  const wish = { isSpoken: false, turnDetection: undefined, isSession: true };
  const made = await prepareConversation(options, wish, api, ending.within(context));
  const { conversation, link, model, keeps } = made;
  try {
    const isPerson = context.stdin.kind === 'terminal';
    const lines = isPerson
      ? await personLines(async () => undefined, keeps, context)
      : scriptLines(context, 'the lines of the session');
    const sinks = await answerSinks(false, api, context);
    const showing = {
      context,
      isJson: options.json === true,
      hidesSound: false,
      sink: () => sinks.next(false),
    };
    await talk({ api, conversation, model, lines, ending, showing });
  } finally {
    link.drop(false);
    made.close();
  }
}
