import type { Command } from 'commander';
import type { CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { writeJson } from '../output/json.ts';
import { didYouMean } from '../settings/nearest.ts';
import { SHELLS, scripts } from '../shell-completion/scripts.ts';

export type CompletionOptions = GlobalOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[shell]', SHELLS.join(', '));
}

const notes = `
The script completes commands, flags and what can stand after them: models,
profiles, conversations, roles, voices, files of the right kind. It asks oai
itself, and no network. Models are those that \`oai models\` listed last.

  bash  in ~/.bashrc:               eval "$(oai completion bash)"
  zsh   in ~/.zshrc, after compinit: eval "$(oai completion zsh)"
  fish  once: oai completion fish > ~/.config/fish/completions/oai.fish`;

const examples = [
  { line: 'oai completion bash > oai.bash && cat oai.bash', note: 'the script' },
  { line: 'oai completion zsh > _oai && head -n 1 _oai', note: 'a file for a folder of fpath' },
  { line: 'oai completion fish', note: 'another' },
];

async function run({ words, json }: CompletionOptions, { stdout }: Context): Promise<void> {
  const [name] = words;
  const hint = 'for bash: eval "$(oai completion bash)"';
  if (name === undefined) throw usageError(`completion needs one of ${SHELLS.join(', ')}`, hint);
  const shell = SHELLS.find((one) => one === name);
  if (shell === undefined) {
    throw usageError(
      `completion knows no shell ${name}${didYouMean(name, SHELLS)}`,
      `it knows ${SHELLS.join(', ')}`,
    );
  }
  if (json === true) await writeJson(stdout, { shell, script: scripts[shell] });
  else await stdout.write(scripts[shell]);
}

/** `oai completion`: scripts by which shells complete command lines of this program. */
export const completion: CommandModule<GlobalOptions> = { define, examples, notes, run };
