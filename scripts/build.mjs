// Bundles src/ into dist/: one CommonJS chunk per lazily loaded module.
//
// CommonJS because it starts faster than an ES module (measured by `npm run bench`). esbuild splits ES
// modules only, so it bundles and splits first, and each chunk is then turned into CommonJS by itself.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGET = 'node20';

/**
 * Packages that are not bundled: they bring WebAssembly or machine code, and everything but what needs them works
 * without them. They are loaded by `import()`, which esbuild would turn into `require()`: not every Node that is
 * supported can require an ES module.
 */
const OPTIONAL = ['chafa-wasm', 'sharp'];

/** The same, with a CommonJS form: to require it is 10 ms quicker than Node's loader of ES modules. */
const OPTIONAL_COMMONJS = ['@photostructure/sqlite'];

/**
 * The folders of the packages that ended up in the bundle.
 * @param {Record<string, unknown>} inputs esbuild's metafile inputs, by path from the root
 */
function bundledPackages(inputs) {
  const found = Object.keys(inputs).map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(found.filter((path) => path !== undefined))].sort();
}

/**
 * What the licences of the bundled packages ask for: their texts beside the code.
 * @param {string[]} folders
 */
async function licenceTexts(folders) {
  const texts = folders.map(async (folder) => {
    const files = await readdir(join(root, folder));
    const licence = files.find((name) => /^licen[cs]e/i.test(name));
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const text =
      licence === undefined ? `Licence: ${license}` : await readFile(join(root, folder, licence), 'utf8');
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(72)}\n\n`);
}

/**
 * Commander loads `child_process` for subcommands that are programs of their own. There are none here, and it would
 * cost each start 2.6 ms.
 * @type {import('esbuild').Plugin}
 */
const commanderWithoutPrograms = {
  name: 'commander without programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer)
        ? { path: 'child_process', namespace: 'nothing' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * Chunks are CommonJS in the end, where `import.meta` is empty: fdir makes a `require` of its URL, and would throw. A
 * path does as well.
 * @type {import('esbuild').Plugin}
 */
const fdirInCommonJs = {
  name: 'fdir in CommonJS',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/]fdir[\\/]dist[\\/]index\.mjs$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        'createRequire(import.meta.url)',
        'createRequire(__filename)',
      ),
    }));
  },
};

const MAIN = 'main.cjs';

/**
 * Files that hold the chunks that are loaded together: a file less to find, read and compile is 0.4 ms of a start, and a
 * question would be 80 of them. Each has the chunks of its entry points and what these import at once; what an earlier
 * file has is not in a later one. (The `openai` package is a file of its own, and a large one.)
 */
const HELD_TOGETHER = new Map([
  // What every start loads, and what `oai` alone shows.
  [MAIN, ['src/main.ts', 'src/overview.ts']],
  // What reads a command line, and asks a plain question: most of it is what other commands load too.
  [
    'question.cjs',
    ['src/program.ts', 'src/commands/chat.ts', 'src/api/client.ts', 'src/api/transport/direct.ts'],
  ],
]);

/**
 * The chunks of an entry point, and of what it imports at once.
 * @param {import('esbuild').Metafile} metafile
 * @param {string} source
 * @returns {Set<string>} their names
 */
function chunksOf({ outputs }, source) {
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === source);
  if (entry === undefined) throw new Error(`${source} is loaded by nobody: is HELD_TOGETHER of today?`);
  const found = new Set([basename(entry)]);
  const look = (/** @type {string} */ path) => {
    for (const { path: to, kind } of outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement' || outputs[to] === undefined || found.has(basename(to))) continue;
      found.add(basename(to));
      look(to);
    }
  };
  look(entry);
  return found;
}

/**
 * Puts chunks into the files that hold them, which give them out to all others.
 * @param {Map<string, string>} files
 * @param {import('esbuild').Metafile} metafile
 */
function holdTogether(files, metafile) {
  /** The file that holds a chunk. @type {Map<string, string>} */
  const holders = new Map();
  for (const [holder, sources] of HELD_TOGETHER) {
    for (const chunk of sources.flatMap((source) => [...chunksOf(metafile, source)])) {
      if (!holders.has(chunk) && chunk !== MAIN) holders.set(chunk, holder);
    }
  }
  /** @param {string} code @param {string} within the file that it is in */
  const linked = (code, within) =>
    code.replace(/\brequire\("\.\/([^"]+)"\)/g, (whole, name) => {
      const holder = holders.get(name);
      if (holder === undefined) return whole;
      return holder === within ? `chunkOf("${name}")` : `require("./${holder}").chunkOf("${name}")`;
    });
  for (const [name, code] of files) if (!holders.has(name)) files.set(name, linked(code, name));
  for (const holder of HELD_TOGETHER.keys()) {
    const chunks = [...holders].filter(([, held]) => held === holder).map(([name]) => name);
    const held = chunks.map((name) => {
      const code = linked(files.get(name) ?? '', holder);
      files.delete(name);
      return `${JSON.stringify(name)}(module){${code}}`;
    });
    const own = files.get(holder);
    files.set(
      holder,
      `const chunks={${held.join(',')}},loaded={};
function chunkOf(name){const known=loaded[name];if(known)return known.exports;const made=loaded[name]={exports:{}};chunks[name](made);return made.exports}
${own === undefined ? 'exports.chunkOf=chunkOf;' : `{(function(){${own}})();module.exports.chunkOf=chunkOf}`}
`,
    );
  }
}

/** What the program itself says, as files beside it: by the words that it is given. */
const WRITTEN = new Map([
  ['oai.1', ['__manual']],
  ['completion/oai.bash', ['completion', 'bash']],
  ['completion/_oai', ['completion', 'zsh']],
  ['completion/oai.fish', ['completion', 'fish']],
]);

/**
 * Writes the manual and the scripts of shells.
 * @param {string} folder where the program is
 */
async function writeDocuments(folder) {
  const start = `const { run, systemContext } = require(${JSON.stringify(join(folder, MAIN))});
    run(process.argv.slice(1), systemContext(process)).then((code) => process.exit(code));`;
  await mkdir(join(folder, 'completion'));
  const written = [...WRITTEN].map(async ([name, words]) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', start, ...words], {
      maxBuffer: 2 ** 24,
    });
    await writeFile(join(folder, name), stdout);
  });
  await Promise.all(written);
}

const bundle = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: TARGET,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  chunkNames: '[name]-[hash]',
  minify: true,
  external: [...OPTIONAL, ...OPTIONAL_COMMONJS],
  legalComments: 'none',
  plugins: [commanderWithoutPrograms, fdirInCommonJs],
  metafile: true,
  write: false,
  logLevel: 'warning',
});

const optionalImport = new RegExp(`\\bimport\\((["'](?:${OPTIONAL.join('|')})["'])\\)`, 'g');
const fresh = join(root, `dist.${process.pid}`);
await mkdir(fresh, { recursive: true });
/** The code of each file, by its name. @type {Map<string, string>} */
const files = new Map();
for (const file of bundle.outputFiles) {
  const chunk = await transform(file.text.replace(optionalImport, 'importOptional($1)'), {
    format: 'cjs',
    platform: 'node',
    target: TARGET,
    minify: true,
    supported: { 'dynamic-import': false },
    sourcefile: relative(root, file.path),
  });
  files.set(basename(file.path), chunk.code.replaceAll('importOptional(', 'import('));
}
holdTogether(files, bundle.metafile);
for (const [name, code] of files) await writeFile(join(fresh, name), code);
await writeFile(
  join(fresh, 'THIRD-PARTY-LICENSES.txt'),
  await licenceTexts(bundledPackages(bundle.metafile.inputs)),
);
await writeDocuments(fresh);
await rm(join(root, 'dist'), { recursive: true, force: true });
await rename(fresh, join(root, 'dist'));
