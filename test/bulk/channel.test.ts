import { describe, expect, it } from 'vitest';
import { Channel } from '../../src/bulk/channel.ts';
import { Slots } from '../../src/bulk/slots.ts';
import { settle } from '../support/oai.ts';

describe('a channel', () => {
  it('gives things in order, and has the giver wait until each is taken', async () => {
    const channel = new Channel<string>();
    const events: string[] = [];
    const give = async () => {
      for (const thing of ['a', 'b']) {
        await channel.push(thing);
        events.push(`${thing} is taken`);
      }
      channel.end();
    };
    const giving = give();
    await settle();
    expect(events).toEqual([]);
    for await (const thing of channel) events.push(thing);
    await giving;
    expect(events).toEqual(['a', 'a is taken', 'b', 'b is taken']);
  });

  it('tells who takes of the error after the last thing', async () => {
    const channel = new Channel<number>();
    void channel.push(1);
    channel.end(new Error('cut'));
    const taken: number[] = [];
    const take = async () => {
      for await (const thing of channel) taken.push(thing);
    };
    await expect(take()).rejects.toThrow('cut');
    expect(taken).toEqual([1]);
  });

  it('leaves nobody waiting once nobody takes any more', async () => {
    const channel = new Channel<number>();
    const [first, second] = [channel.push(1), channel.push(2)];
    for await (const _ of channel) break;
    const reason = new Error('full');
    channel.close(reason);
    expect(await first).toBeUndefined();
    await expect(second).rejects.toBe(reason);
    await expect(channel.push(3)).rejects.toBe(reason);
  });
});

describe('slots', () => {
  it('are given in the order in which they are asked for, also after a failure', async () => {
    const slots = new Slots(2);
    const ends: ((error?: Error) => void)[] = [];
    const started: number[] = [];
    const runs = [1, 2, 3, 4].map((number) =>
      slots.run(
        () =>
          new Promise<number>((resolve, reject) => {
            started.push(number);
            ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
          }),
      ),
    );
    const results = Promise.allSettled(runs);
    await settle();
    expect(started).toEqual([1, 2]);
    ends[1]?.(new Error('no'));
    await settle();
    expect(started).toEqual([1, 2, 3]);
    ends[0]?.();
    await settle();
    expect(started).toEqual([1, 2, 3, 4]);
    for (const end of ends) end();
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('are left once, however often that is said', async () => {
    const slots = new Slots(1);
    const leave = await slots.take();
    leave();
    leave();
    await slots.take();
    let isTaken = false;
    void slots.take().then(() => {
      isTaken = true;
    });
    await settle();
    expect(isTaken).toBe(false);
  });
});
