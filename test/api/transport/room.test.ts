import { describe, expect, it } from 'vitest';
import { type Tap, withRoom } from '../../../src/api/transport/room.ts';

const MEGABYTE = new Uint8Array(1_000_000);

/** What undici sees of a handler, behind a dispatcher with room. */
function seen<Handler extends object>(handler: Handler, tap?: Tap): Handler {
  const handlers: object[] = [];
  const dispatcher = withRoom({ dispatch: (_, given) => handlers.push(given) > 0 }, tap);
  expect(dispatcher.dispatch({}, handler)).toBe(true);
  return handlers[0] as Handler;
}

/** A tap that notes what it is told. */
function notedTap() {
  const notes: string[] = [];
  return { notes, tap: { close: () => void notes.push('close'), open: () => void notes.push('open') } };
}

/** As the fetch of Node 20 has it: full after each piece, with its state in `this`. */
function fetchHandler() {
  return {
    pieces: 0,
    takeMore: (): void => {},
    onHeaders(_status: number, _headers: unknown[], resume: () => void) {
      this.takeMore = resume;
      return true;
    },
    onData(_piece: Uint8Array): boolean {
      this.pieces += 1;
      return false;
    },
  };
}

describe('room for a body', () => {
  it('lets the parser go on until there is none, and from then on when it is taken', () => {
    const inner = fetchHandler();
    const outer = seen(inner);
    let resumed = 0;
    expect(outer.onHeaders(200, [], () => resumed++)).toBe(true);
    const answers = Array.from({ length: 10 }, () => outer.onData(MEGABYTE));
    expect(answers.indexOf(false)).toBe(8);
    inner.takeMore();
    expect(resumed).toBe(1);
    expect(outer.onData(MEGABYTE)).toBe(true);
    expect(inner.pieces).toBe(11);
  });

  it('never stops the parser where there is a tap', () => {
    const { notes, tap } = notedTap();
    const inner = fetchHandler();
    const outer = seen(inner, tap);
    outer.onHeaders(200, [], () => {});
    expect(Array.from({ length: 9 }, () => outer.onData(MEGABYTE))).not.toContain(false);
    inner.takeMore();
    expect(notes).toEqual(['close', 'open']);
  });

  it.each([true, false])('is the same for a handler with a controller; a tap: %s', (hasTap) => {
    const { notes, tap } = notedTap();
    const calls: string[] = [];
    const controller = {
      aborted: false,
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
    };
    let takeMore = () => {};
    const handler = {
      onResponseStart(given: typeof controller) {
        expect(given.aborted).toBe(false);
        takeMore = () => given.resume();
      },
      onResponseData: (given: typeof controller, _: Uint8Array) => given.pause(),
    };
    const outer = seen(handler, hasTap ? tap : undefined);
    expect('onData' in outer).toBe(false);
    outer.onResponseStart(controller);
    for (let count = 0; count < 8; count++) outer.onResponseData(controller, MEGABYTE);
    expect([...calls, ...notes]).toEqual([]);
    outer.onResponseData(controller, MEGABYTE);
    takeMore();
    expect(calls).toEqual(hasTap ? ['resume'] : ['pause', 'resume']);
    expect(notes).toEqual(hasTap ? ['close', 'open'] : []);
  });
});
