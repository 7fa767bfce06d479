import {
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedPacketSink,
  Input,
  type InputAudioTrack,
  NullTarget,
  OGG,
  OggOutputFormat,
  Output,
  ReadableStreamSource,
} from 'mediabunny';
import { Agreement, badPart, NO_SOUND, type SpeechPart } from './speech-parts.ts';

/**
 * Seconds of sound on a page of Ogg: as the encoders have it, and so few that the 255 entries of its table never fill
 * up, where mediabunny 1.61 would put the position of the packet before on it.
 */
const PAGE_SECONDS = 0.5;

/**
 * The packets of all parts in one logical stream of Ogg Opus (RFC 7845), whose positions go on. Such a stream leaves
 * out samples at its very start and at its very end only: at a joint those that the parts would leave out are heard,
 * some 6.5 ms before and less than a packet (20 ms) after, of silence mostly. A chained stream would be exact, but
 * browsers play the first link of it only.
 */
export async function* joinOpus(
  parts: AsyncIterable<SpeechPart>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new OpusWriter();
  try {
    for await (const packet of packetsOf(parts, writer)) {
      await writer.add(packet);
      yield* writer.taken();
    }
  } catch (error) {
    // What came before is handed on.
    await writer.end();
    yield* writer.taken();
    throw error;
  }
  await writer.end();
  yield* writer.taken();
}

async function* packetsOf(parts: AsyncIterable<SpeechPart>, writer: OpusWriter) {
  const agreement = new Agreement();
  for await (const part of parts) {
    const bytes = part.bytes[Symbol.asyncIterator]();
    try {
      const track = await opusTrack(part, bytes);
      const head = await headOf(track);
      agreement.check(part, soundOf(head));
      await writer.begin(head);
      let isSilent = true;
      for await (const packet of new EncodedPacketSink(track).packets()) {
        isSilent = false;
        yield packet;
      }
      if (isSilent) throw badPart(part, NO_SOUND);
    } finally {
      await bytes.return?.();
    }
  }
}

async function opusTrack(part: SpeechPart, bytes: AsyncIterator<Uint8Array>): Promise<InputAudioTrack> {
  const source = new ReadableStreamSource(streamOf(bytes));
  const input = new Input({ formats: [OGG], source });
  if (!(await input.canRead())) throw badPart(part, 'is no Ogg Opus');
  const track = await input.getPrimaryAudioTrack();
  if (track === null || (await track.getCodec()) !== 'opus') throw badPart(part, 'is no Ogg Opus');
  return track;
}

function streamOf(bytes: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await bytes.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** The identification header: RFC 7845, section 5.1. */
async function headOf(track: InputAudioTrack): Promise<Buffer> {
  const config = await track.getDecoderConfig();
  return Buffer.from(config?.description as Uint8Array);
}

/** What a decoder is set up by: all but what is left out at the start and the sample rate before the encoder. */
function soundOf(head: Buffer) {
  const mapping = head.subarray(18).toString('hex');
  return { channels: head.readUInt8(9), gain: head.readInt16LE(16), mapping };
}

class OpusWriter {
  readonly #packets = new EncodedAudioPacketSource('opus');
  readonly #pages: Uint8Array[] = [];
  readonly #output: Output;
  #begun = false;
  /** Seconds of the parts before the one that is written. */
  #start = 0;
  /** Seconds up to the end of what is written. */
  #end = 0;

  constructor() {
    const format = new OggOutputFormat({
      maximumPageDuration: PAGE_SECONDS,
      onPage: (page) => void this.#pages.push(page),
    });
    this.#output = new Output({ format, target: new NullTarget() });
  }

  /** Begins a part. @param head is written when it is the first one's */
  async begin(head: Buffer): Promise<void> {
    this.#start = this.#end;
    if (this.#begun) return;
    this.#begun = true;
    const sampleRate = 48_000;
    const decoderConfig = {
      codec: 'opus',
      sampleRate,
      numberOfChannels: head.readUInt8(9),
      description: head,
    };
    this.#output.addAudioTrack(this.#packets, { decoderConfig });
    await this.#output.start();
  }

  async add(packet: EncodedPacket): Promise<void> {
    const timestamp = this.#start + packet.timestamp;
    this.#end = timestamp + packet.duration;
    await this.#packets.add(packet.clone({ timestamp }));
  }

  async end(): Promise<void> {
    if (this.#begun) await this.#output.finalize();
  }

  /** The pages that were made since. */
  taken(): Uint8Array[] {
    return this.#pages.splice(0);
  }
}
