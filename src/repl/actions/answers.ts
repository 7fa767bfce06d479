import { usageError } from '../../errors.ts';
import { extractedCode } from '../../output/markdown/extract.ts';
import { copyText } from '../clipboard.ts';
import type { Action, Desk } from '../desk.ts';
import { messagesIn } from '../exchange.ts';
import { interruptible } from '../interruptible.ts';

export const last: Action = async (_, desk) => {
  const sink = desk.sink();
  await sink.write(lastAnswer(desk));
  await sink.end();
};

const ALL_CODE = { all: true } as const;

export const copy: Action = async (argument, desk) => {
  if (argument !== '' && argument !== 'code')
    throw usageError(`/copy copies the answer, or its code: not ${argument}`);
  const answer = lastAnswer(desk);
  const text = argument === 'code' ? extractedCode(answer, ALL_CODE).code : answer;
  if (text === '') throw usageError('there is no code in the last answer');
  await interruptible(desk, (_, context) => copyText(text, context));
};

function lastAnswer({ session }: Desk): string {
  const answer = session.lastAnswer;
  if (answer === undefined) throw usageError('there is no answer yet');
  return answer;
}

/** Shows answers as they are written, or as Markdown is read; alone, the last one as it is written. */
export const raw: Action = async (argument, desk) => {
  const { sinks } = desk;
  if (argument === 'on' || argument === 'off') {
    sinks.isRaw = argument === 'on';
    return;
  }
  if (argument !== '') throw usageError(`/raw is on or off, not ${argument}`);
  await desk.show(lastAnswer(desk).replace(/\n?$/, '\n'));
};

export const json: Action = async (argument, desk) => {
  if (argument === 'on' || argument === 'off') {
    desk.isJson = argument === 'on';
    return;
  }
  if (argument !== '') throw usageError(`/json is on or off, not ${argument}`);
  const exchange = desk.session.exchanges.at(-1);
  if (exchange === undefined) throw usageError('nothing has been asked yet');
  const messages = [...desk.session.instructions, ...exchange.question, ...exchange.rest];
  const facts = desk.session.lastReply?.turn.facts;
  await desk.show(
    `${JSON.stringify({ state: exchange.state, messages, ...(facts !== undefined && { facts }) }, null, 2)}\n`,
  );
};

/** What is sent, kept and spent. */
export const usage: Action = async (_, desk) => {
  const { session } = desk;
  const { window, instructions } = session;
  const sent = await session.earlier();
  const tokens = window.tokens([...instructions, ...messagesIn(sent)]);
  const size = await session.windowSize();
  const of = size === undefined ? '' : ` of ${count(size)}`;
  const out = window.leftOut > 0 ? `; the oldest ${count(window.leftOut)} no longer` : '';
  const lines = [
    `model    ${await session.model()}`,
    `sent     ${exchangesText(sent.length)}, about ${count(tokens)}${of} tokens${out}`,
    `kept     ${keptText(desk)}`,
    `spent    ${await spentText(session)}`,
  ];
  await desk.show(`${lines.join('\n')}\n`);
};

function keptText({ shelf, session }: Desk): string {
  const said = exchangesText(session.exchanges.length);
  if (shelf.keeper === undefined) return `${said} in this session, none on disk`;
  const { id, name } = shelf.conversation ?? {};
  if (id === undefined) return said;
  return `${said} in ${name === null || name === undefined ? id : `${name} (${id})`}`;
}

function exchangesText(exchanges: number): string {
  return `${count(exchanges)} ${exchanges === 1 ? 'exchange' : 'exchanges'}`;
}

async function spentText({ spent, api }: Desk['session']): Promise<string> {
  const { requests, untold, paid, tokens } = spent;
  const made = `${count(requests)} ${requests === 1 ? 'request' : 'requests'}`;
  if (requests === 0) return made;
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = tokens;
  const cached = cachedTokens ? ` (${count(cachedTokens)} cached)` : '';
  const thought = reasoningTokens ? ` (${count(reasoningTokens)} reasoning)` : '';
  const { costOfAnswers } = await import('../../tokens/cost.ts');
  const { dollars } = await import('../../output/dollars.ts');
  const cost = costOfAnswers(api.settings.profile, paid);
  const parts = [
    `${made}: ${count(inputTokens ?? 0)} tokens in${cached}`,
    `${count(outputTokens ?? 0)} out${thought}`,
    cost === undefined ? 'cost unknown' : dollars(cost),
  ];
  const said = untold > 0 ? `; of ${count(untold)} the server did not say` : '';
  return `${parts.join(', ')}${said}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
