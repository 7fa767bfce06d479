import { type Context, sleep } from '../../../context.ts';
import { Failure } from '../../../errors.ts';
import { trace, warn } from '../../../output/messages.ts';
import { PerRun } from '../per-run.ts';
import { type Found, Shelf } from './shelf.ts';
import { readRequest, type TapedRequest } from './taped-request.ts';
import { responseOf } from './taped-response.ts';

/** What a run is answered from. */
export interface ReplayTape {
  /** Absolute. */
  readonly folder: string;
  /** As the user gave it. */
  readonly name: string;
  /** As slowly as it was recorded. */
  readonly timed: boolean;
}

/**
 * Stands in the place of the network: answers from a cassette. A request that it does not hold ends the run.
 * @param baseUrl of the API; undefined for downloads
 * @throws Failure (usage) where there is no such folder
 */
export function replay(tape: ReplayTape, baseUrl: string | undefined, context: Context): typeof fetch {
  const shelf = shelfOf(tape, context);
  const place = { baseUrl, secrets: context.secrets };
  return async (input, init) => {
    const started = context.clock.now();
    const request = await readRequest(input, init, place);
    const found = nextOf(shelf, request, context);
    trace(context, `replayed from ${tape.name}/${found.file}`);
    const signal = init?.signal ?? context.signal;
    const until = async (ms: number) => {
      const wait = started + ms - context.clock.now();
      if (tape.timed && wait > 0) await sleep(context.clock, wait, signal);
    };
    await until(found.response.ms ?? 0);
    await slowDown(found, signal, context);
    signal.throwIfAborted();
    return responseOf(found, until);
  };
}

/** One for each folder: what was given counts for all of the run. */
const shelves = new PerRun<Shelf>();

function shelfOf({ folder, name }: ReplayTape, context: Context): Shelf {
  return shelves.get(context, folder, () => {
    const shelf = new Shelf(folder, name);
    if (context.stderr.isTTY) warn(context, `answers are replayed from ${name}, and nothing is sent`);
    return shelf;
  });
}

/** Whatever a command would make of a failed request: what is missing here is missing in the next run as well. */
function nextOf(shelf: Shelf, request: TapedRequest, context: Context): Found {
  try {
    return shelf.next(request);
  } catch (error) {
    if (error instanceof Failure) context.stop(error);
    throw error;
  }
}

/** Who asks for the same over and over waits for it to change: it will not, and asking is not to take a whole processor. */
async function slowDown({ request, repeats }: Found, signal: AbortSignal, { clock }: Context): Promise<void> {
  if (request.method === 'GET' && repeats > 0) await sleep(clock, Math.min(repeats, 60) * 1000, signal);
}
