import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from '../../errors.ts';
import type { AudioFormat } from '../../flags/speaking.ts';
import { findPlayer, type SoundFormat } from '../../output/player.ts';
import type { Action } from '../desk.ts';
import { interruptible } from '../interruptible.ts';

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
export const play: Action = async (_, desk) => {
  const { lastSound } = desk;
  if (lastSound === undefined) {
    throw usageError('no answer was said yet', 'oai chat -i --audio coral lets them be said');
  }
  await interruptible(desk, async (_, context) => {
    const player = await findPlayer(PLAYED[lastSound.format], context);
    await player.play(createReadStream(resolve(context.cwd, lastSound.path)));
  });
};
