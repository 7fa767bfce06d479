import type { StreamParser } from '@codemirror/streamparser';

/** How a language is read, whatever its state is made of. */
export type Reader = StreamParser<unknown>;

/** A language that code can be written in. */
export interface Language {
  /** What it is called behind a fence. The first is its own name. */
  readonly names: readonly string[];
  /** For the name of a file. */
  readonly extension: string;
  /** Absent where nothing knows how to colour it. */
  readonly load?: () => Promise<Reader>;
}

const clike = () => import('@codemirror/legacy-modes/mode/clike');
const javascript = () => import('@codemirror/legacy-modes/mode/javascript');
const css = () => import('@codemirror/legacy-modes/mode/css');
const sql = () => import('@codemirror/legacy-modes/mode/sql');
const xml = () => import('@codemirror/legacy-modes/mode/xml');
const python = () => import('@codemirror/legacy-modes/mode/python');
const mllike = () => import('@codemirror/legacy-modes/mode/mllike');
const shell = async () => (await import('@codemirror/legacy-modes/mode/shell')).shell;

/** Names: those of GitHub's Linguist and of CodeMirror, and what models write. */
export const LANGUAGES: readonly Language[] = [
  {
    names: ['typescript', 'ts', 'tsx', 'mts', 'cts'],
    extension: 'ts',
    load: async () => (await javascript()).typescript,
  },
  {
    names: ['javascript', 'js', 'jsx', 'mjs', 'cjs', 'node'],
    extension: 'js',
    load: async () => (await javascript()).javascript,
  },
  {
    names: ['json', 'jsonc', 'json5', 'jsonl', 'ndjson'],
    extension: 'json',
    load: async () => (await javascript()).json,
  },
  {
    names: ['python', 'py', 'python3', 'py3', 'pycon', 'ipython'],
    extension: 'py',
    load: async () => (await python()).python,
  },
  { names: ['cython', 'pyx'], extension: 'pyx', load: async () => (await python()).cython },
  {
    names: [
      'shell',
      'sh',
      'bash',
      'zsh',
      'fish',
      'ksh',
      'console',
      'shell-session',
      'shellscript',
      'terminal',
    ],
    extension: 'sh',
    load: shell,
  },
  {
    names: ['powershell', 'ps1', 'pwsh', 'posh'],
    extension: 'ps1',
    load: async () => (await import('@codemirror/legacy-modes/mode/powershell')).powerShell,
  },
  { names: ['batch', 'bat', 'cmd', 'batchfile'], extension: 'bat' },
  { names: ['c', 'h'], extension: 'c', load: async () => (await clike()).c },
  {
    names: ['c++', 'cpp', 'cxx', 'cc', 'hpp', 'arduino', 'ino'],
    extension: 'cpp',
    load: async () => (await clike()).cpp,
  },
  { names: ['c#', 'csharp', 'cs'], extension: 'cs', load: async () => (await clike()).csharp },
  { names: ['java'], extension: 'java', load: async () => (await clike()).java },
  { names: ['kotlin', 'kt', 'kts'], extension: 'kt', load: async () => (await clike()).kotlin },
  { names: ['scala', 'sc'], extension: 'scala', load: async () => (await clike()).scala },
  { names: ['dart'], extension: 'dart', load: async () => (await clike()).dart },
  {
    names: ['objective-c', 'objectivec', 'objc', 'obj-c'],
    extension: 'm',
    load: async () => (await clike()).objectiveC,
  },
  {
    names: ['objective-c++', 'objc++', 'objectivecpp'],
    extension: 'mm',
    load: async () => (await clike()).objectiveCpp,
  },
  { names: ['glsl', 'hlsl', 'wgsl', 'shader'], extension: 'glsl', load: async () => (await clike()).shader },
  {
    names: ['php', 'php3', 'php4', 'php5', 'php7', 'php8'],
    extension: 'php',
    load: async () => (await import('./php.ts')).php,
  },
  {
    names: ['go', 'golang'],
    extension: 'go',
    load: async () => (await import('@codemirror/legacy-modes/mode/go')).go,
  },
  {
    names: ['rust', 'rs'],
    extension: 'rs',
    load: async () => (await import('@codemirror/legacy-modes/mode/rust')).rust,
  },
  {
    names: ['swift'],
    extension: 'swift',
    load: async () => (await import('@codemirror/legacy-modes/mode/swift')).swift,
  },
  {
    names: ['ruby', 'rb', 'jruby'],
    extension: 'rb',
    load: async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby,
  },
  {
    names: ['elixir', 'ex', 'exs'],
    extension: 'ex',
    load: async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby,
  },
  {
    names: ['crystal', 'cr'],
    extension: 'cr',
    load: async () => (await import('@codemirror/legacy-modes/mode/crystal')).crystal,
  },
  {
    names: ['perl', 'pl', 'pm'],
    extension: 'pl',
    load: async () => (await import('@codemirror/legacy-modes/mode/perl')).perl,
  },
  {
    names: ['lua'],
    extension: 'lua',
    load: async () => (await import('@codemirror/legacy-modes/mode/lua')).lua,
  },
  {
    names: ['r', 'rlang', 'splus'],
    extension: 'r',
    load: async () => (await import('@codemirror/legacy-modes/mode/r')).r,
  },
  {
    names: ['julia', 'jl'],
    extension: 'jl',
    load: async () => (await import('@codemirror/legacy-modes/mode/julia')).julia,
  },
  {
    names: ['matlab', 'octave'],
    extension: 'm',
    load: async () => (await import('@codemirror/legacy-modes/mode/octave')).octave,
  },
  {
    names: ['haskell', 'hs'],
    extension: 'hs',
    load: async () => (await import('@codemirror/legacy-modes/mode/haskell')).haskell,
  },
  { names: ['ocaml', 'ml', 'mli'], extension: 'ml', load: async () => (await mllike()).oCaml },
  { names: ['f#', 'fsharp', 'fs', 'fsx'], extension: 'fs', load: async () => (await mllike()).fSharp },
  {
    names: ['elm'],
    extension: 'elm',
    load: async () => (await import('@codemirror/legacy-modes/mode/elm')).elm,
  },
  {
    names: ['erlang', 'erl'],
    extension: 'erl',
    load: async () => (await import('@codemirror/legacy-modes/mode/erlang')).erlang,
  },
  {
    names: ['clojure', 'clj', 'cljs', 'cljc', 'edn'],
    extension: 'clj',
    load: async () => (await import('@codemirror/legacy-modes/mode/clojure')).clojure,
  },
  {
    names: ['common-lisp', 'commonlisp', 'lisp', 'elisp', 'emacs-lisp', 'emacs', 'el'],
    extension: 'lisp',
    load: async () => (await import('@codemirror/legacy-modes/mode/commonlisp')).commonLisp,
  },
  {
    names: ['scheme', 'scm', 'racket', 'rkt'],
    extension: 'scm',
    load: async () => (await import('@codemirror/legacy-modes/mode/scheme')).scheme,
  },
  {
    names: ['groovy', 'gradle', 'jenkinsfile'],
    extension: 'groovy',
    load: async () => (await import('@codemirror/legacy-modes/mode/groovy')).groovy,
  },
  {
    names: ['d', 'dlang'],
    extension: 'd',
    load: async () => (await import('@codemirror/legacy-modes/mode/d')).d,
  },
  {
    names: ['pascal', 'delphi', 'objectpascal'],
    extension: 'pas',
    load: async () => (await import('@codemirror/legacy-modes/mode/pascal')).pascal,
  },
  {
    names: ['fortran', 'f90', 'f95'],
    extension: 'f90',
    load: async () => (await import('@codemirror/legacy-modes/mode/fortran')).fortran,
  },
  {
    names: ['cobol'],
    extension: 'cob',
    load: async () => (await import('@codemirror/legacy-modes/mode/cobol')).cobol,
  },
  {
    names: ['vb', 'vbnet', 'vb.net', 'visual-basic', 'visualbasic'],
    extension: 'vb',
    load: async () => (await import('@codemirror/legacy-modes/mode/vb')).vb,
  },
  {
    names: ['vbscript', 'vbs', 'vba'],
    extension: 'vbs',
    load: async () => (await import('@codemirror/legacy-modes/mode/vbscript')).vbScript,
  },
  {
    names: ['coffeescript', 'coffee'],
    extension: 'coffee',
    load: async () => (await import('@codemirror/legacy-modes/mode/coffeescript')).coffeeScript,
  },
  {
    names: ['html', 'htm', 'xhtml', 'vue', 'svelte', 'astro'],
    extension: 'html',
    load: async () => (await xml()).html,
  },
  {
    names: ['xml', 'svg', 'rss', 'xsd', 'xslt', 'plist'],
    extension: 'xml',
    load: async () => (await xml()).xml,
  },
  { names: ['css'], extension: 'css', load: async () => (await css()).css },
  { names: ['scss'], extension: 'scss', load: async () => (await css()).sCSS },
  { names: ['less'], extension: 'less', load: async () => (await css()).less },
  {
    names: ['sass'],
    extension: 'sass',
    load: async () => (await import('@codemirror/legacy-modes/mode/sass')).sass,
  },
  {
    names: ['yaml', 'yml'],
    extension: 'yaml',
    load: async () => (await import('@codemirror/legacy-modes/mode/yaml')).yaml,
  },
  {
    names: ['toml'],
    extension: 'toml',
    load: async () => (await import('@codemirror/legacy-modes/mode/toml')).toml,
  },
  {
    names: ['ini', 'properties', 'conf', 'cfg', 'dotenv', 'env', 'editorconfig', 'systemd'],
    extension: 'ini',
    load: async () => (await import('@codemirror/legacy-modes/mode/properties')).properties,
  },
  {
    names: ['dockerfile', 'docker', 'containerfile'],
    extension: 'dockerfile',
    load: async () => (await import('@codemirror/legacy-modes/mode/dockerfile')).dockerFile,
  },
  {
    names: ['nginx'],
    extension: 'conf',
    load: async () => (await import('@codemirror/legacy-modes/mode/nginx')).nginx,
  },
  { names: ['makefile', 'make', 'mk'], extension: 'mk', load: shell },
  {
    names: ['cmake'],
    extension: 'cmake',
    load: async () => (await import('@codemirror/legacy-modes/mode/cmake')).cmake,
  },
  {
    names: ['terraform', 'tf', 'hcl'],
    extension: 'tf',
    load: async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby,
  },
  {
    names: ['sql', 'sqlite', 'duckdb', 'bigquery', 'snowflake'],
    extension: 'sql',
    load: async () => (await sql()).standardSQL,
  },
  { names: ['mysql', 'mariadb'], extension: 'sql', load: async () => (await sql()).mySQL },
  {
    names: ['postgresql', 'postgres', 'pgsql', 'psql', 'plpgsql'],
    extension: 'sql',
    load: async () => (await sql()).pgSQL,
  },
  { names: ['tsql', 't-sql', 'mssql', 'sqlserver'], extension: 'sql', load: async () => (await sql()).msSQL },
  { names: ['plsql', 'oracle'], extension: 'sql', load: async () => (await sql()).plSQL },
  {
    names: ['cypher'],
    extension: 'cypher',
    load: async () => (await import('@codemirror/legacy-modes/mode/cypher')).cypher,
  },
  {
    names: ['sparql'],
    extension: 'rq',
    load: async () => (await import('@codemirror/legacy-modes/mode/sparql')).sparql,
  },
  { names: ['graphql', 'gql'], extension: 'graphql' },
  {
    names: ['protobuf', 'proto', 'proto3'],
    extension: 'proto',
    load: async () => (await import('@codemirror/legacy-modes/mode/protobuf')).protobuf,
  },
  {
    names: ['diff', 'patch', 'udiff'],
    extension: 'diff',
    load: async () => (await import('@codemirror/legacy-modes/mode/diff')).diff,
  },
  {
    names: ['http', 'rest'],
    extension: 'http',
    load: async () => (await import('@codemirror/legacy-modes/mode/http')).http,
  },
  {
    names: ['jinja', 'jinja2', 'j2', 'django', 'twig', 'liquid'],
    extension: 'j2',
    load: async () => (await import('@codemirror/legacy-modes/mode/jinja2')).jinja2,
  },
  {
    names: ['pug', 'jade'],
    extension: 'pug',
    load: async () => (await import('@codemirror/legacy-modes/mode/pug')).pug,
  },
  {
    names: ['latex', 'tex', 'stex', 'bibtex'],
    extension: 'tex',
    load: async () => (await import('@codemirror/legacy-modes/mode/stex')).stex,
  },
  {
    names: ['gherkin', 'cucumber', 'feature'],
    extension: 'feature',
    load: async () => (await import('@codemirror/legacy-modes/mode/gherkin')).gherkin,
  },
  {
    names: ['tcl'],
    extension: 'tcl',
    load: async () => (await import('@codemirror/legacy-modes/mode/tcl')).tcl,
  },
  {
    names: ['smalltalk'],
    extension: 'st',
    load: async () => (await import('@codemirror/legacy-modes/mode/smalltalk')).smalltalk,
  },
  {
    names: ['verilog', 'v', 'systemverilog', 'sv'],
    extension: 'v',
    load: async () => (await import('@codemirror/legacy-modes/mode/verilog')).verilog,
  },
  {
    names: ['vhdl', 'vhd'],
    extension: 'vhd',
    load: async () => (await import('@codemirror/legacy-modes/mode/vhdl')).vhdl,
  },
  {
    names: ['assembly', 'asm', 'nasm', 'gas', 's', 'x86asm', 'armasm'],
    extension: 's',
    load: async () => (await import('@codemirror/legacy-modes/mode/gas')).gas,
  },
  {
    names: ['wasm', 'wat', 'wast'],
    extension: 'wat',
    load: async () => (await import('@codemirror/legacy-modes/mode/wast')).wast,
  },
  {
    names: ['puppet', 'pp'],
    extension: 'pp',
    load: async () => (await import('@codemirror/legacy-modes/mode/puppet')).puppet,
  },
  { names: ['zig'], extension: 'zig' },
  { names: ['solidity', 'sol'], extension: 'sol' },
  { names: ['nix'], extension: 'nix' },
  { names: ['vim', 'viml', 'vimscript'], extension: 'vim' },
  { names: ['awk', 'gawk'], extension: 'awk' },
  { names: ['applescript', 'osascript'], extension: 'applescript' },
  { names: ['csv'], extension: 'csv' },
  { names: ['tsv'], extension: 'tsv' },
  { names: ['mermaid'], extension: 'mmd' },
  { names: ['dot', 'graphviz'], extension: 'dot' },
  { names: ['markdown', 'md', 'mdx'], extension: 'md' },
  { names: ['text', 'txt', 'plaintext', 'plain', 'output', 'log'], extension: 'txt' },
];

const BY_NAME = new Map(LANGUAGES.flatMap((language) => language.names.map((name) => [name, language])));

/**
 * The language that is named behind a fence: `ts`, `{.python}`, `language-js`, `rust,ignore`, `js:src/main.js`.
 * @param info all that stands there
 * @returns its name in lower case, and the language if it is known
 */
export function languageOf(info: string): { name: string; language: Language | undefined } {
  const [word = ''] = info
    .trim()
    .split(/[\s,:{}]+/)
    .filter((part) => part !== '');
  const name = word.toLowerCase().replace(/^\.|^language-|^lang-/, '');
  return { name, language: BY_NAME.get(name) };
}
