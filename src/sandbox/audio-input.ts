import { audioKind, audioTypes } from '../audio/containers.ts';
import { type HeardAudio, hearAudio } from './audio-decode.ts';
import type { Call } from './call.ts';
import { type ApiError, invalidRequest, tooLarge } from './error-answer.ts';
import type { UploadedFile } from './multipart.ts';
import { missing } from './request-check.ts';

/** Bytes of a whole request: 25 MB (OpenAI's guide to speech to text). */
const MOST_BYTES = 25 * 1024 * 1024;
/** The API's own list, in its words. */
const FORMATS = ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm'];
/** Seconds. */
const SHORTEST = 0.1;

/** @throws ApiError 413 where a request with audio is too large */
export function checkSize({ body }: Call): void {
  if (body.length > MOST_BYTES) throw tooLarge(MOST_BYTES, body.length);
}

/**
 * What is heard in the file of a request, which is judged by its bytes, whatever its name says.
 * @throws ApiError where there is none, or it is no audio that the API takes
 */
export async function readAudio(
  files: ReadonlyMap<string, readonly UploadedFile[]>,
  signal: AbortSignal,
): Promise<HeardAudio> {
  const [file] = files.get('file') ?? [];
  if (file === undefined) throw missing('file');
  return audioOf(file.bytes, 'file', signal);
}

/** @param path what errors call it */
export async function audioOf(bytes: Uint8Array, path: string, signal: AbortSignal): Promise<HeardAudio> {
  if (bytes.length === 0) throw tooShort(path);
  const kind = audioKind(bytes);
  if (kind === undefined || !audioTypes[kind].accepted) {
    const known = FORMATS.map((format) => `'${format}'`).join(', ');
    throw invalidRequest(`Invalid file format. Supported formats: [${known}]`, path);
  }
  const heard = await hearAudio(bytes, kind, signal);
  if (heard === undefined) {
    throw invalidRequest('Audio file might be corrupted or unsupported', path, 'invalid_value');
  }
  if (heard.seconds < SHORTEST) throw tooShort(path);
  return heard;
}

function tooShort(path: string): ApiError {
  return invalidRequest(
    `Audio file is too short. Minimum audio length is ${SHORTEST} seconds.`,
    path,
    'audio_too_short',
  );
}
