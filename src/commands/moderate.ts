import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import { defaultModels } from '../api/models.ts';
import type { ModerationInput, ModerationVerdict } from '../api/moderations.ts';
import { noteRetirement } from '../api/notices.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { type BulkOptions, bulkFlags, rowsOf } from '../flags/bulk.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { text } from '../flags/values.ts';
import { readParams, withParams } from '../input/params.ts';
import { readTextArgument } from '../input/prompt.ts';
import type { JsonObject } from '../json.ts';
import { type Rule, readCategories, readThresholds, scoresOf, verdictOn } from '../moderation/judge.ts';
import { writeJson } from '../output/json.ts';
import { writeRows } from '../output/table.ts';
import { isStdoutPath } from '../output/target.ts';

export interface ModerateOptions extends GlobalOptions, BulkOptions {
  readonly model?: string;
  /** Files and URLs. */
  readonly image?: readonly string[];
  readonly failOnFlagged?: boolean;
  /** Each `category=number`, as typed. */
  readonly threshold?: readonly string[];
  /** With commas between them. */
  readonly categories?: string;
}

type Options = ModerateOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[text...]', 'what to judge; without it, or for `-`, stdin is read');
  addFlags(command, [
    { flags: '-m, --model <name>', help: `the model (default: ${defaultModels.moderate})`, read: text },
    {
      flags: '--image <image>',
      help: 'a file or a URL to judge, beside the text or alone; repeatable',
      repeatable: true,
    },
    { flags: '--fail-on-flagged', help: 'exit 7 where something is flagged' },
    {
      flags: '--threshold <category=score>',
      help: 'flag a category from this score on, 0 to 1; repeatable',
      repeatable: true,
    },
    { flags: '--categories <names>', help: 'only these count, with commas between them', read: text },
    ...bulkFlags,
  ]);
}

const notes = `
A row for each category, the highest score first; --json is the API's answer.
Of --rows, each has a line with its verdict; --fail-on-flagged is then judged at
the end. Thresholds can be kept: oai config set thresholds.violence 0.4`;

const examples = [
  { line: 'oai moderate --sandbox "I will hug you"', note: 'no key needed' },
  { line: 'oai moderate --fail-on-flagged < comment.txt && ./publish', note: 'a gate' },
  { line: 'oai moderate --threshold violence=0.2 --categories violence "…"', note: 'stricter, of one thing' },
  { line: 'oai moderate --image corgi.png', note: 'an image' },
  { line: 'oai moderate --rows csv --field comment --id id < queue.csv', note: 'a queue of comments' },
];

async function run(options: Options, context: Context): Promise<void> {
  const given = readThresholds(options.threshold ?? []);
  const counted = options.categories === undefined ? undefined : readCategories(options.categories);
  const ruleFor = ({ settings }: Api): Rule => ({
    thresholds: new Map([...settings.thresholds, ...given]),
    counted,
  });
  if (rowsOf(options) !== undefined) return runEach(options, ruleFor, context);
  if (options.output !== undefined) throw usageError('-o is for rows here', 'a verdict goes to stdout');
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const inputs = await inputsOf(options, context);
  const { moderate } = await import('../api/moderations.ts');
  const answers = [];
  // The API takes one image at a time.
  for (const input of inputs) answers.push(await moderate(api, input, fieldsFor(options, api, context)));
  const results = answers.flatMap((answer) => answer.results);
  const [first] = answers;
  if (options.json === true) await writeJson(context.stdout, { ...first, results });
  else await writeScores(results, ruleFor(api), context);
  judge(results, ruleFor(api), options);
}

function fieldsFor(options: ModerateOptions, api: Api, context: Context): JsonObject {
  const params = readParams(options.param ?? []);
  if ('input' in params) throw usageError('--param input: the text is an argument, or comes from stdin');
  const model = api.settings.model('moderate', options.model) ?? defaultModels.moderate;
  noteRetirement(model, api, context);
  return withParams({ model }, params);
}

/** What is to be judged: a text, an image, or both; several images are several questions. */
async function inputsOf({ words, image = [] }: Options, context: Context): Promise<ModerationInput[]> {
  if (image.length === 0) return [await readTextArgument(words, context, 'text')];
  const said = words.length > 0 ? await readTextArgument(words, context, 'text') : undefined;
  const { imageUrl } = await import('../moderation/images.ts');
  const inputs: ModerationInput[] = [];
  for (const word of image) {
    const url = await imageUrl(word, context);
    inputs.push([
      ...(said === undefined ? [] : [{ type: 'text' as const, text: said }]),
      { type: 'image_url', image_url: { url } },
    ]);
  }
  return inputs;
}

async function writeScores(
  results: readonly ModerationVerdict[],
  rule: Rule,
  context: Context,
): Promise<void> {
  const rows = results.flatMap((verdict, index) =>
    scoresOf(verdict, rule).map((score) => (results.length === 1 ? score : { input: index + 1, ...score })),
  );
  const columns = {
    ...(results.length > 1 && { input: (row: object) => ('input' in row ? row.input : 1) }),
    flagged: ({ flagged }: (typeof rows)[number]) => flagged,
    score: ({ score }: (typeof rows)[number]) => score.toFixed(4),
    category: ({ category }: (typeof rows)[number]) => category,
  };
  await writeRows(context, rows, columns, false);
}

/** @throws Failure (verdict) where something is flagged, and that was asked for */
function judge(results: readonly ModerationVerdict[], rule: Rule, { failOnFlagged }: ModerateOptions): void {
  if (failOnFlagged !== true) return;
  const verdict = verdictOn(results.flatMap((result) => scoresOf(result, rule)));
  if (verdict !== undefined) throw verdict;
}

async function runEach(options: Options, ruleFor: (api: Api) => Rule, context: Context): Promise<void> {
  if (options.words.length > 0 || options.image !== undefined) {
    throw usageError('with --rows the rows are what is judged', 'leave the text and --image out');
  }
  const { runJob } = await import('../bulk/job.ts');
  const { moderationJob } = await import('../moderation/each.ts');
  const { connect } = await import('../api/client.ts');
  let flagged = 0;
  await runJob(
    options,
    (watcher) => connect(options, context, { watcher }),
    async (api) => {
      const fields = fieldsFor(options, api, context);
      const model = String(fields['model']);
      const each = { field: options.field, fields, rule: ruleFor(api) };
      const onFlagged = () => {
        flagged += 1;
      };
      return { what: `judging with ${model}`, model, job: moderationJob(each, onFlagged, api) };
    },
    context,
  );
  const { output } = options;
  // Those that an earlier run judged are in the file alone.
  if (
    output !== undefined &&
    !isStdoutPath(output) &&
    options.failOnFlagged === true &&
    options.dryRun !== true
  ) {
    const { flaggedIn } = await import('../moderation/each.ts');
    flagged = await flaggedIn(resolve(context.cwd, output));
  }
  if (options.failOnFlagged === true && flagged > 0) {
    throw new Failure('verdict', `${flagged} ${flagged === 1 ? 'row is' : 'rows are'} flagged`, {
      code: 'flagged',
    });
  }
}

export const moderate: CommandModule<ModerateOptions> = { define, examples, notes, run };
