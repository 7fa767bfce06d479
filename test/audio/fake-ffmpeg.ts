import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.ts';

export interface FakeFfmpeg {
  /** A PATH with nothing but it. */
  readonly PATH: string;
  /** The arguments of each run so far. */
  runs(): Promise<readonly (readonly string[])[]>;
}

/** What the scripts of all fakes may use. */
const VOCABULARY = `
const fs = require('node:fs');
const words = process.argv.slice(2);
const plain = (name) => name.replace(/^file:/, '');
const after = (flag) => plain(words[words.indexOf(flag) + 1] ?? '');
/** start: where does the sound begin? segments: split it. flac: convert it. */
const task = words.includes('framecrc') ? 'start' : words.includes('segment') ? 'segments' : 'flac';
const input = after('-i');
const output = plain(words.at(-1));
const list = after('-segment_list');
const length = Number(after('-segment_time'));
function fail(text, code = 1) {
  process.stderr.write(text);
  process.exitCode = code;
}
/** Tells where the sound begins, in thousandths of a second. */
function tellStart(pts = 0) {
  process.stdout.write('#software: Lavf59.27.100\\n#tb 0: 1/1000\\n0, ' + pts + ',        ' + pts + ',  20,  117, 0x4e403421\\n');
}
/** Writes segments of a sound of some seconds, each 100 bytes and \`rate\` more for each second. */
function writeSegments(seconds, rate) {
  const rows = [];
  for (let start = 0; start < seconds; start += length) {
    const end = Math.min(start + length, seconds);
    const path = output.replace('%03d', String(rows.length).padStart(3, '0')).replaceAll('%%', '%');
    fs.writeFileSync(path, Buffer.alloc(Math.round(100 + (end - start) * rate), rows.length + 1));
    rows.push([path.split('/').at(-1), start.toFixed(6), end.toFixed(6)].join(','));
  }
  fs.writeFileSync(list, rows.map((row) => row + '\\n').join(''));
}
`;

/**
 * Installs a program by the name of ffmpeg.
 * @param script JavaScript; what it may use is in `VOCABULARY`
 */
export async function installFfmpeg(script: string): Promise<FakeFfmpeg> {
  const folder = await temporaryFolder();
  const log = join(folder, 'runs.jsonl');
  const keep = `const log = ${JSON.stringify(log)};\nfs.appendFileSync(log, JSON.stringify(words) + '\\n');\n`;
  await writeFile(join(folder, 'ffmpeg'), `#!${process.execPath}\n${VOCABULARY}\n${keep}\n${script}\n`);
  await chmod(join(folder, 'ffmpeg'), 0o755);
  return {
    PATH: folder,
    runs: async () => {
      const lines = await readFile(log, 'utf8').catch(() => '');
      return lines
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    },
  };
}
