// `npm run recording` plays the scenes and writes docs/recording.svg; a test compares.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCENES } from './scenes.mjs';
import { play } from './stage.mjs';
import { svgOf } from './svg.mjs';

const root = join(import.meta.dirname, '..', '..');

export const path = join(root, 'docs', 'recording.svg');

/** Today's recording. */
export async function currentRecording() {
  const lines = SCENES.flatMap(({ lines }) => lines);
  const description = `A terminal on which oai answers: ${lines.join('; ')}`;
  return svgOf(await play(join(root, 'bin', 'oai.js')), description);
}

const [, script = ''] = process.argv;
if (script === fileURLToPath(import.meta.url) && process.argv.includes('--write')) {
  writeFileSync(path, await currentRecording());
}
