import { chatChunks, eventStream, jsonAnswer } from '../support/api.ts';

/** A streamed answer, word by word. */
export const answer = (text: string, usage?: object) =>
  eventStream([
    ...chatChunks(...text.split(/(?<= )/)),
    ...(usage === undefined ? [] : [{ id: 'x', object: 'chat.completion.chunk', choices: [], usage }]),
  ]);

/** What a server has. */
export const models = (...ids: string[]) =>
  jsonAnswer({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });

/** A server that says nothing until the caller gives up. */
export const silence = ({ signal }: Request) =>
  new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** The messages of each request, as `role: text`. */
export async function messagesOf(requests: readonly Request[]): Promise<string[][]> {
  const bodies = requests.filter(({ url }) => url.endsWith('/chat/completions'));
  return Promise.all(
    bodies.map(async (request) => {
      const { messages } = (await request.clone().json()) as {
        messages: { role: string; content: unknown }[];
      };
      return messages.map(({ role, content }) => `${role}: ${String(content)}`);
    }),
  );
}
