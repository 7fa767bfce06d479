import type { Example } from './command.ts';

type Rows = readonly (readonly [name: string, text: string])[];

export const INTRODUCTION = `
oai is one command for every capability of the OpenAI API, and of servers that are like it. Results go to stdout,
everything else to stderr; --json prints what the API answered. On a terminal there are colours, tables and questions;
without one, rows are JSON Lines and nobody is asked.

A text after the name of a command is always taken as it is. The value of a flag that is a text may be @FILE, which
is read (@@ is a plain @); - is stdin.

--sandbox answers with no key and no network. oai help COMMAND shows one command.`;

/** What the exit codes mean. (main.ts gives them.) */
export const EXIT_STATUS: Rows = [
  ['0', 'done; also when the reader of a pipe went away'],
  ['1', 'unexpected failure: a bug'],
  ['2', 'usage: a bad flag or value, unreadable input, a file that is not replaced'],
  ['3', 'no key, or not allowed'],
  ['4', 'the API refused the request'],
  ['5', 'rate limit or quota, after retries'],
  ['6', 'network or server, after retries; an answer that was cut'],
  ['7', 'content verdict: a refusal, a content filter, moderate --fail-on-flagged'],
  ['8', 'the result is incomplete or invalid'],
  ['9', 'a part of several things failed; the rest is written'],
  ['10', 'the model asks for tools that nobody allowed: the calls are on stdout'],
  ['11', 'a check says no: doctor, models --retiring, tokens --limit'],
  ['129, 130, 143', 'hung up, interrupted, terminated'],
];

export const ENVIRONMENT: Rows = [
  ['OPENAI_API_KEY', 'the key of profile openai; other profiles have variables of their own'],
  ['OPENAI_BASE_URL', 'where its requests go'],
  ['OPENAI_ORG_ID, OPENAI_PROJECT_ID', 'whom they are counted for'],
  ['OAI_PROFILE', 'the profile to use'],
  ['OAI_MODEL', 'the model of chat and structured'],
  ['OAI_HOME', 'one folder for settings, data and cache'],
  ['OAI_HISTORY', 'whether conversations are kept: 1 or 0'],
  ['OAI_RECORD, OAI_REPLAY, OAI_CACHE', 'as --record, --replay and --cache'],
  ['OAI_SANDBOX', 'faults that the sandbox is to have: oai help sandbox'],
  ['NO_COLOR', 'no colour'],
  ['VISUAL, EDITOR', 'what edits a role or a long prompt'],
  ['HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY', 'the way to the network'],
  ['NODE_EXTRA_CA_CERTS', 'a file of authorities to trust'],
];

export const FILES: Rows = [
  ['~/.config/oai/config.toml', 'settings and profiles: oai help config'],
  ['~/.config/oai/roles/', 'roles: oai help role'],
  ['~/.local/share/oai/history.db', 'conversations that are kept: oai help history'],
  ['~/.cache/oai/', 'what can be made again'],
  ['.env', 'OPENAI_*, OAI_PROFILE and OAI_MODEL of a project, in the working directory'],
];

export const EXAMPLES: readonly Example[] = [
  { line: 'oai chat --sandbox "hello"', note: 'no key, no network' },
  { line: 'git diff | oai chat "write the commit message"', note: 'piped text comes first' },
  { line: 'oai image "a siamese cat" -o cat.png', note: 'saved as a file' },
  { line: 'oai transcribe talk.mp3 --format srt > talk.srt', note: 'subtitles' },
  { line: 'oai doctor', note: 'what is wrong here' },
];
