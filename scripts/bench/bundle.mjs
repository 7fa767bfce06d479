import { join } from 'node:path';
import { build, stop, transform } from 'esbuild';

const TARGET = 'node20';

/**
 * Bundles a script as scripts/build.mjs bundles `oai`: an ES module first, then CommonJS, both minified.
 * @param {string} script the path of the script
 * @returns {Promise<string>} the code
 */
export async function bundled(script) {
  const bundle = await build({
    entryPoints: [script],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: TARGET,
    minify: true,
    legalComments: 'none',
    absWorkingDir: join(import.meta.dirname, '../..'),
    write: false,
    logLevel: 'warning',
  });
  const chunk = await transform(bundle.outputFiles[0]?.text ?? '', {
    format: 'cjs',
    platform: 'node',
    target: TARGET,
    minify: true,
  });
  // esbuild works in a process of its own, which is not to run beside what is measured.
  await stop();
  return chunk.code;
}
