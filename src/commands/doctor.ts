import type { Command } from 'commander';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { writeJson } from '../output/json.ts';

export interface DoctorOptions extends GlobalOptions {
  readonly offline?: boolean;
  /** False after `--no-question`. */
  readonly question?: boolean;
}

type Options = DoctorOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  addFlags(command, [
    { flags: '--offline', help: 'send nothing: look only at what is here' },
    { flags: '--no-question', help: 'put no question to a model, which costs some 20 tokens' },
  ]);
}

const notes = `
Looks at the settings, the key (which is never shown), the way to the server,
its answers, the models in use and this terminal. What is broken says what to do
about it, and the exit code is 11. Two requests are made, each within 20 seconds
or --timeout: a list of the models, which is free, and a question of two words,
to see how long the first token takes.

--json is {"ok","version","broken","warnings","checks"}; a check is {"check",
"status","message","advice","details"}, its status ok, warning, broken or
skipped.`;

const examples = [
  { line: 'oai doctor', note: 'is all well?' },
  { line: 'oai doctor --sandbox', note: 'no key, no network' },
  { line: 'oai doctor --offline --json | jq -c .checks[0].details', note: 'what is here' },
  { line: 'oai doctor -P sandbox --no-question', note: 'of another profile, for nothing' },
];

async function run(options: Options, context: Context): Promise<void> {
  const { json, dryRun } = options;
  if (dryRun === true) throw usageError('--dry-run means nothing to doctor', '--offline sends nothing');
  const { examine } = await import('../doctor/examine.ts');
  const { examinationFailure, examinationJson, findingText } = await import('../doctor/report.ts');
  const findings = [];
  for await (const finding of examine(options, context)) {
    findings.push(finding);
    if (json !== true) await context.stdout.write(findingText(finding, context));
  }
  if (json === true) await writeJson(context.stdout, examinationJson(findings, context.secrets));
  const failure = examinationFailure(findings);
  if (failure !== undefined) throw failure;
}

/** `oai doctor`: what a run depends on, and what is wrong with it. */
export const doctor: CommandModule<DoctorOptions> = { define, examples, notes, run };
