import { commands, groups } from './catalogue.ts';

const FIRST_STEPS = `Try it:
  oai chat --sandbox "hello"                      no key, no network
  git diff | oai chat "write the commit message"  piped text comes first
\`oai COMMAND --help\` shows flags and examples; \`oai config init\` sets up a key.
`;

/**
 * What `oai` alone and `oai --help` show. Made without commander, which takes a quarter of the time of a bare start
 * of Node to load.
 */
export function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const row = (name: string, text: string) => `  ${name.padEnd(width)}  ${text}\n`;
  const sections = Object.entries(groups).map(
    ([heading, entries]) => `${heading}\n${entries.map(({ name, summary }) => row(name, summary)).join('')}`,
  );
  return [
    'Usage: oai COMMAND [words…] [flags]\nThe OpenAI API from the shell. Results go to stdout, everything else to stderr.\n',
    ...sections,
    FIRST_STEPS,
  ].join('\n');
}
