import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Stopped, usageError } from '../../errors.ts';
import type { AudioFormat } from '../../flags/speaking.ts';
import { findPlayer, type SoundFormat } from '../../output/player.ts';
import type { Action } from '../desk.ts';

/** What players call a format. */
const PLAYED: Readonly<Record<AudioFormat, SoundFormat>> = {
  wav: 'wav',
  mp3: 'mp3',
  flac: 'flac',
  opus: 'opus',
  aac: 'aac',
  pcm16: 'pcm',
};

/** Plays the last answer that was said, until its end or Ctrl-C. */
export const play: Action = async (_, { context, lastSound, lines, ending }) => {
  if (lastSound === undefined) {
    throw usageError('no answer was said yet', 'oai chat -i --audio coral lets them be said');
  }
  const signal = ending.begin();
  lines.onInterrupt(() => ending.end(new Stopped('SIGINT')));
  try {
    const player = await findPlayer(PLAYED[lastSound.format], ending.within(context, signal));
    await player.play(createReadStream(resolve(context.cwd, lastSound.path)));
  } finally {
    ending.done();
  }
};
