import { event, type Step } from './event-stream.ts';
import type { StreamFault } from './faults.ts';
import type { ImageMaker } from './image-maker.ts';
import { CREATED } from './models.ts';
import { faultySteps } from './stream-fault.ts';

/** Streamed images: of each its partial images, then the whole. All of these events count as deltas. */
export function imageSteps(maker: ImageMaker, fault: StreamFault | undefined): AsyncGenerator<Step> {
  const kind = maker.request.endpoint === 'edits' ? 'image_edit' : 'image_generation';
  const garbled = event(`{"type":"${kind}.`, `${kind}.partial_image`);
  return faultySteps(imageEvents(maker, kind), [], fault, garbled, 'error');
}

async function* imageEvents(maker: ImageMaker, kind: string): AsyncGenerator<Step> {
  const partials = maker.request.fields.partial_images ?? 0;
  const delta = (name: string, bytes: Uint8Array, fields: object): Step => {
    const type = `${kind}.${name}`;
    const b64_json = Buffer.from(bytes).toString('base64');
    const data = { type, b64_json, created_at: CREATED, ...maker.told, ...fields };
    return { kind: 'delta', text: event(JSON.stringify(data), type) };
  };
  for (let index = 0; index < maker.count; index += 1) {
    for (let part = 0; part < partials; part += 1) {
      yield delta('partial_image', await maker.partial(index, part), { partial_image_index: part });
    }
    yield delta('completed', await maker.image(index), { usage: maker.usage(1, partials) });
  }
}
