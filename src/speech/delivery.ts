import type { Api } from '../api/client.ts';
import type { Joined } from '../audio/speech-parts.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';
import type { Player } from '../output/player.ts';
import type { Target } from '../output/target.ts';
import { tee } from './tee.ts';

export interface Delivery {
  /** Where it is saved; undefined where it is only played. */
  readonly target: Target | undefined;
  readonly player: Player | undefined;
  readonly extension: string;
  /** Told of each piece, before it is written, by its bytes. */
  readonly onPiece: (length: number) => void;
}

/**
 * Saves a sound as its bytes come, plays it, or both.
 * @returns the path to tell; undefined where no file was made
 * @throws Failure (incomplete) where there is no sound; whatever ends it early
 */
export async function deliver(
  joined: Joined,
  { target, player, extension, onPiece }: Delivery,
  api: Api,
  context: Context,
): Promise<string | undefined> {
  const sound = watched(unlessEmpty(timed(joined.bytes, api), api), onPiece);
  const onKept = (part: string) => warn(context, `what arrived is in ${part}`);
  const save = async (data: AsyncIterable<Uint8Array>) =>
    target?.save(1, { extension, data, onKept, patch: joined.patch });
  const path = await saveAndPlay(sound, save, target === undefined, player);
  return target?.isStdout === true ? undefined : path;
}

/** Saves, plays, or both: the file is made whatever becomes of the player. @returns the path */
async function saveAndPlay(
  sound: AsyncIterable<Uint8Array>,
  save: (data: AsyncIterable<Uint8Array>) => Promise<string | undefined>,
  playOnly: boolean,
  player: Player | undefined,
): Promise<string | undefined> {
  if (player === undefined) return save(sound);
  if (playOnly) {
    await player.play(sound);
    return undefined;
  }
  const [forFile, forPlayer] = tee(sound);
  const [saved, played] = await Promise.allSettled([save(forFile), player.play(forPlayer)]);
  if (saved.status === 'rejected') throw saved.reason;
  if (played.status === 'rejected') throw played.reason;
  return saved.value;
}

/**
 * The same bytes, of which only the wait for them counts against `--timeout`: whoever takes them, a player or the reader
 * of a pipe, may take as long as it likes, to begin with as well.
 */
function timed(bytes: AsyncIterable<Uint8Array>, api: Api): AsyncIterable<Uint8Array> {
  let goOn = api.pause();
  async function* pieces() {
    goOn();
    try {
      for await (const piece of bytes) {
        goOn = api.pause();
        yield piece;
        goOn();
      }
    } finally {
      goOn();
    }
  }
  return pieces();
}

async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  onPiece: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    onPiece(piece.length);
    yield piece;
  }
}

/** Empty pieces are left out: some who take them would begin a sound for one. */
async function* unlessEmpty(bytes: AsyncIterable<Uint8Array>, { settings }: Api): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  for await (const piece of bytes) {
    if (piece.length === 0) continue;
    isEmpty = false;
    yield piece;
  }
  if (isEmpty) throw new Failure('incomplete', `${new URL(settings.baseUrl).host} answered with no sound`);
}
