import type { Api } from '../api/client.ts';
import { containerFile, type ResponseAnswer } from '../api/responses.ts';
import type { Context } from '../context.ts';
import { imageTypes, readImageInfo } from '../input/image-kind.ts';
import { findTarget } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';

/** A file that hosted tools have made, before it is fetched. */
interface MadeFile {
  readonly name: string;
  read(): Promise<Uint8Array>;
}

/**
 * Saves the images and files that hosted tools have made, each under a name of its own, and prints their paths.
 * @param subject what images are named after: the prompt
 * @throws Failure where one cannot be had or written; Stopped
 */
export async function saveMadeFiles(
  response: ResponseAnswer,
  subject: string,
  output: string | undefined,
  api: Api,
  context: Context,
): Promise<void> {
  const { stdout } = context;
  for (const file of madeFiles(response, subject, api)) {
    const bytes = await file.read();
    const dot = file.name.lastIndexOf('.');
    const info = dot > 0 ? undefined : readImageInfo(bytes);
    const extension =
      dot > 0 ? file.name.slice(dot + 1) : info === undefined ? 'bin' : imageTypes[info.kind].extension;
    const target = await findTarget(
      {
        output: output ?? '.',
        force: false,
        count: 1,
        thing: 'a file',
        example: 'files/',
        subject: dot > 0 ? file.name.slice(0, dot) : file.name,
      },
      context,
    );
    const path = await target.save(1, { extension, data: bytes });
    await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
  }
}

function madeFiles({ output }: ResponseAnswer, subject: string, api: Api): MadeFile[] {
  return output.flatMap((item): MadeFile[] => {
    if (item.type === 'image_generation_call') {
      const { result } = item;
      if (result === null || result === undefined) return [];
      return [{ name: subject.replaceAll('.', ' '), read: async () => Buffer.from(result, 'base64') }];
    }
    if (item.type !== 'message') return [];
    return item.content
      .flatMap((part) => (part.type === 'output_text' ? part.annotations : []))
      .flatMap((annotation) => {
        if (annotation.type !== 'container_file_citation') return [];
        const { filename, container_id: container, file_id: file } = annotation;
        return [{ name: filename, read: () => containerFile(api, container, file) }];
      });
  });
}
