import { Command, CommanderError } from 'commander';
import { commands } from './catalogue.ts';
import { addFlags, type CommandModule, shape } from './command.ts';
import { aborted, type Context, type InputStream } from './context.ts';
import { usageError } from './errors.ts';
import { type GlobalOptions, globalFlags } from './flags/global.ts';
import { overview } from './overview.ts';
import { version } from './version.ts';

/** Columns that help may take: those of the narrowest terminal that is common. */
const HELP_WIDTH = 80;

/** How long a stopped command may take to tidy up, in ms: Ctrl-C gives the prompt back within 100 ms. */
const TIDY_UP_MS = 50;

/**
 * Reads the command line and runs its command.
 * @throws Failure or Stopped
 */
export async function runProgram(argv: readonly string[], context: Context): Promise<void> {
  const words = withoutHelpCommand(argv);
  const program = buildProgram(context);
  try {
    requireCommand(words[0] ?? '');
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw await commandLineError(error, program, argv);
  }
}

/** `oai help chat` is `oai chat --help`, and `oai help help` is what `oai` alone shows. */
function withoutHelpCommand(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === 'help' && rest[0] === 'help') return ['--help'];
  return first === 'help' ? [...rest, '--help'] : [...argv];
}

/** Commander would let `oai nonsense --help` pass. @throws CommanderError */
function requireCommand(word: string): void {
  if (word.startsWith('-') || commands.some(({ name }) => name === word)) return;
  throw new CommanderError(1, 'commander.unknownCommand', `error: unknown command '${word}'`);
}

function buildProgram(context: Context): Command {
  const output = {
    writeOut: (text: string) => void context.stdout.write(text),
    // What commander would say of an error is said by `main`.
    writeErr: () => {},
    getOutHelpWidth: () => Math.min(context.stdout.columns, HELP_WIDTH),
    getOutHasColors: () => false,
  };
  const program = new Command('oai')
    .version(version)
    .helpCommand(false)
    .enablePositionalOptions()
    .showSuggestionAfterError(false)
    .configureOutput(output)
    .exitOverride();
  program.helpInformation = overview;
  addFlags(program, globalFlags);
  for (const { name, summary } of commands) program.command(name).description(sentence(summary));
  program.hook('preSubcommand', async (_, command) => {
    const entry = commands.find(({ name }) => name === command.name());
    if (entry !== undefined) prepare(command, await entry.load(), program, context);
  });
  return program;
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** Gives a command its arguments and flags, the global flags, its examples and its work. */
function prepare(command: Command, module: CommandModule<never>, program: Command, context: Context): void {
  shape(command, module);
  command.addHelpText('after', helpAfter(module));
  command.action(async () => {
    const before = typedOptions(program);
    const after = typedOptions(command);
    const options: GlobalOptions & { readonly words: readonly string[] } = {
      ...before,
      ...after,
      ...gathered(before, after),
      words: command.args,
    };
    applyGlobalOptions(options, context);
    context.listen();
    // What `define` declares is what `run` takes: each command's own file holds both.
    await untilStopped((module as CommandModule<GlobalOptions>).run(options, context), context);
  });
}

/** The options that were typed; those that were not are absent. */
function typedOptions(command: Command): Record<string, unknown> {
  const entries = Object.entries(command.opts()).filter(
    ([name]) => command.getOptionValueSource(name) === 'cli',
  );
  return Object.fromEntries(entries);
}

/** Repeatable flags add up, before the command's name and after it. */
function gathered(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const both = Object.entries(after).filter(
    ([name, value]) => Array.isArray(value) && Array.isArray(before[name]),
  );
  return Object.fromEntries(both.map(([name, value]) => [name, [before[name], value].flat()]));
}

/** stdin after `--no-stdin`: nothing is there, and who names it is told why. */
function forbiddenStdin(): InputStream {
  return {
    kind: 'none',
    read() {
      throw usageError('stdin is asked for, and --no-stdin forbids it');
    },
  };
}

function applyGlobalOptions(options: GlobalOptions, context: Context): void {
  if (options.quiet === true && options.verbose === true) {
    throw usageError('--quiet and --verbose contradict each other');
  }
  if (options.quiet === true) context.verbosity = 'quiet';
  if (options.verbose === true) context.verbosity = 'verbose';
  if (options.stdin === false) context.stdin = forbiddenStdin();
  if (options.color === false) {
    context.stdout.color = false;
    context.stderr.color = false;
  }
}

/** Notes and examples; a note stands beside its example where a terminal has room for both, else above it. */
function helpAfter({ notes, examples }: CommandModule<never>): string {
  const lineWidth = Math.max(...examples.map(({ line }) => line.length));
  const noteWidth = Math.max(...examples.map(({ note }) => note.length));
  const fits = lineWidth + noteWidth + '    # '.length <= HELP_WIDTH;
  const shown = examples.map(({ line, note }) =>
    fits ? `  ${line.padEnd(lineWidth)}  # ${note}` : `  # ${note}\n  ${line}`,
  );
  return `${notes === undefined ? '' : `\n${notes.trim()}\n`}\nExamples:\n${shown.join('\n')}`;
}

/** Work that ends when the run is stopped: by itself, or `TIDY_UP_MS` later without being asked again. */
async function untilStopped(work: Promise<void>, context: Context): Promise<void> {
  const stopped = aborted(context.signal).catch(async (reason: unknown) => {
    await Promise.race([
      work.catch(() => {}),
      new Promise<void>((resolve) => context.clock.timer(TIDY_UP_MS, resolve)),
    ]);
    throw reason;
  });
  await Promise.race([work, stopped]);
}

/** Commander's own words, as one line and a hint. */
async function commandLineError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
): Promise<Error> {
  if (error.code === 'commander.help') return usageError('no command', helpHint(undefined));
  const [first = ''] = error.message.split('\n');
  const message = first.replace(/^error: /, '');
  const command = program.commands.find((known) => argv.includes(known.name()));
  const typed = /'(.*)'/s.exec(message)?.[1] ?? '';
  const isFlag = error.code === 'commander.unknownOption';
  // A command whose turn has not come has no flags yet, those of every command among them.
  const known = isFlag
    ? flagsOf(command?.options.length ? command : program)
    : commands.map(({ name }) => name);
  // What mods, aichat and others call it.
  if (isFlag && /^(?:-f|--file)(?:=|$)/.test(typed) && command !== undefined && known.includes('--attach'))
    return usageError(message, `a file goes along with -a: oai ${command.name()} -a FILE …`);
  if (isFlag && ['--version', '-V'].includes(typed)) return usageError(message, '`oai --version` says it');
  const { didYouMean } = await import('./settings/nearest.ts');
  const near = /^commander.unknown/.test(error.code) ? didYouMean(typed, known) : '';
  if (near !== '') return usageError(message, near.replace('; ', ''));
  if (isFlag && command !== undefined && argv.indexOf(command.name()) > argv.indexOf(typed)) {
    const name = command.name();
    return usageError(message, `the flags of ${name} go after its name: oai ${name} ${typed} …`);
  }
  return usageError(message, isFlag ? await flagHint(command, typed, argv) : helpHint(command));
}

function flagsOf(command: Command): string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), '--help'];
}

/** Of what was typed before a word, a hint shows so many characters at most. */
const SHOWN_BEFORE = 80;

/** What looks like a flag may have been meant as words. */
async function flagHint(
  command: Command | undefined,
  typed: string,
  argv: readonly string[],
): Promise<string> {
  if (command === undefined || !/^-[^-].|\s/.test(typed)) return helpHint(command);
  const { quoted } = await import('./output/shell.ts');
  const before = argv.slice(argv.indexOf(command.name()), argv.indexOf(typed)).map(quoted).join(' ');
  const isShort = before.startsWith(command.name()) && before.length <= SHOWN_BEFORE;
  return `words that begin with - go after --: oai ${isShort ? before : command.name()} -- "${typed}"`;
}

function helpHint(command: Command | undefined): string {
  return `\`${command === undefined ? 'oai' : `oai ${command.name()}`} --help\` shows what there is`;
}
