import { groups } from './catalogue.ts';
import { type CommandSheet, type FlagSheet, GLOBAL_HEADING, globalSheet } from './command.ts';
import { ENVIRONMENT, EXAMPLES, EXIT_STATUS, FILES, INTRODUCTION } from './manual-parts.ts';
import { roffArgument, roffLiteral, roffText } from './output/roff.ts';
import { allSheets } from './tree.ts';
import { version } from './version.ts';

/** The manual page of this program, `oai.1`, made of what `--help` is made of. */
export async function manual(): Promise<string> {
  const sheets = await allSheets();
  const commands = Object.entries(groups).flatMap(([heading, entries]) =>
    sheets
      .filter(({ name }) => entries.some((entry) => entry.name === name))
      .map((sheet) => commandSection(sheet, heading)),
  );
  const parts = [
    `.TH OAI 1 "" ${roffArgument(`oai ${version}`)} "User Commands"`,
    // Words that are typed are not hyphenated.
    '.nh',
    section('NAME', 'oai \\- the OpenAI API from the shell'),
    section(
      'SYNOPSIS',
      '.B oai\n.I command\n[\\fIwords\\fR ...] [\\fIflags\\fR]\n.br\n.B oai help\n.I command',
    ),
    section('DESCRIPTION', paragraphs(INTRODUCTION)),
    section('COMMANDS', commands.join('\n')),
    section(
      'OPTIONS',
      `These flags are known to every command, before its name and after it.\n${globalSheet().map(flagEntry).join('\n')}`,
    ),
    section('EXIT STATUS', entries(EXIT_STATUS)),
    section('ENVIRONMENT', entries(ENVIRONMENT)),
    section('FILES', entries(FILES)),
    section('EXAMPLES', examples(EXAMPLES)),
  ];
  return `${parts.join('\n')}\n`;
}

function section(name: string, body: string): string {
  return `.SH ${name}\n${body}`;
}

function commandSection(
  { name, summary, arguments: words, flags, notes, examples: lines }: CommandSheet,
  group: string,
): string {
  const typed = words.map((word) => {
    const shown = word.variadic ? `${word.name}...` : word.name;
    return word.required ? `<${shown}>` : `[${shown}]`;
  });
  const own = flags.filter(({ heading }) => heading !== GLOBAL_HEADING);
  return [
    `.SS ${roffArgument(['oai', name, ...typed].join(' '))}`,
    roffText(`${summary} (${group.replace(/:$/, '').toLowerCase()})`),
    ...words
      .filter(({ help }) => help !== '')
      .map((word) => entry(`\\fI${roffText(word.name)}\\fR`, word.help)),
    ...underHeadings(own),
    ...(notes === '' ? [] : ['.PP', paragraphs(notes)]),
    '.PP',
    examples(lines),
  ].join('\n');
}

/** Flags, and before the first of each heading that. */
function underHeadings(flags: readonly FlagSheet[]): string[] {
  return flags.flatMap((flag, index) => {
    const { heading } = flag;
    const isFirst = heading !== undefined && heading !== flags[index - 1]?.heading;
    return isFirst ? ['.PP', roffText(heading), flagEntry(flag)] : [flagEntry(flag)];
  });
}

function flagEntry({ names, value, help }: FlagSheet): string {
  const shown = names.map((name) => `\\fB${roffText(name)}\\fR`).join(', ');
  return entry(value === undefined ? shown : `${shown} \\fI${roffText(value)}\\fR`, help);
}

/** @param tag as roff has it */
function entry(tag: string, text: string): string {
  return `.TP\n${tag}\n${roffText(text)}`;
}

function entries(rows: readonly (readonly [name: string, text: string])[]): string {
  return rows.map(([name, text]) => entry(`\\fB${roffText(name)}\\fR`, text)).join('\n');
}

/** Paragraphs are filled; one with an indented line is a table or a program, and stays as it is. */
function paragraphs(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => {
      const lines = paragraph.split('\n');
      return lines.some((line) => line.startsWith(' ')) ? roffLiteral(lines) : lines.map(roffText).join('\n');
    })
    .join('\n.PP\n');
}

function examples(lines: CommandSheet['examples']): string {
  return roffLiteral(lines.flatMap(({ line, note }) => [`# ${note}`, ...line.split('\n')]));
}
