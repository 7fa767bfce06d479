import { stem } from './audio-part.ts';

/** Seconds of the parts that are proposed: at 128 kbit/s they are of 10 MB. */
const PROPOSED_SECONDS = 600;

/**
 * The line of a shell that splits a file without encoding it anew.
 * @param extension of the parts
 * @param most seconds that a part may have
 */
export function splitCommand(name: string, extension: string, most: number): string {
  const pattern = `${stem(name).replaceAll('%', '%%')}-%03d.${extension}`;
  const seconds = Math.max(Math.min(PROPOSED_SECONDS, Math.floor(most)), 1);
  return `ffmpeg -i ${word(name)} -map 0:a:0 -c copy -f segment -segment_time ${seconds} ${word(pattern)}`;
}

/** The line of a shell that makes a FLAC of a file, as `convert.ts` does. */
export function convertCommand(name: string): string {
  return `ffmpeg -i ${word(name)} -map 0:a:0 -ac 1 -ar 16000 ${word(`${stem(name)}.flac`)}`;
}

/** The line of a shell that makes an MP3 of a file. */
export function mp3Command(name: string): string {
  return `ffmpeg -i ${word(name)} ${word(`${stem(name)}.mp3`)}`;
}

/** A WAV, which every FFmpeg can make, of as much as models hear of speech: one channel of 16 kHz. */
export const AS_WAV = ['-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', '-f', 'wav'];

/** The line of a shell that prints a file as such a WAV. */
export function wavCommand(name: string): string {
  return `ffmpeg -v error -i ${word(name)} -map 0:a:0 ${AS_WAV.join(' ')} -`;
}

/** A file name as one word of a shell, which no program takes for a flag, nor FFmpeg for the name of a protocol. */
function word(name: string): string {
  const path = /^-|^[^/]*:/.test(name) ? `./${name}` : name;
  return /^[\w%+,./:@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
