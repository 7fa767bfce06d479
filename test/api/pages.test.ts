import { expect, it } from 'vitest';
import { jsonAnswer, stubApi } from '../support/api.ts';
import { oai } from '../support/oai.ts';

const file = (id: string) => ({
  id,
  object: 'file',
  bytes: 1,
  created_at: 1,
  filename: id,
  purpose: 'batch',
});

const page = (ids: readonly string[], has_more = true) =>
  jsonAnswer({ object: 'list', data: ids.map(file), has_more });

/** Lists the files of a server that gives these pages. */
async function listed(pages: readonly Response[], ...argv: string[]) {
  const api = stubApi(...pages);
  const { stdout } = await oai(['files', 'list', ...argv], { fetch: api.fetch });
  const queries = api.requests.map(({ url }) => new URL(url).search);
  return { ids: stdout.match(/(?<="id":")\w+/g) ?? [], queries };
}

it('follows a list to its end, or to as many items as are wanted', async () => {
  const pages = () => [page(['a', 'b']), page(['c', 'd']), page(['e'], false)];
  expect(await listed(pages())).toEqual({
    ids: ['a', 'b', 'c', 'd', 'e'],
    queries: ['?limit=1000', '?limit=1000&after=b', '?limit=1000&after=d'],
  });
  expect(await listed(pages().slice(0, 2), '--limit', '3', '--after', 'z')).toEqual({
    ids: ['a', 'b', 'c'],
    queries: ['?limit=3&after=z', '?limit=1&after=b'],
  });
});

it('begins where --param says, with pages as large as it says', async () => {
  expect(
    await listed([page(['a', 'b']), page(['c'], false)], '--param', 'after=z', '--param', 'limit=2'),
  ).toEqual({
    ids: ['a', 'b', 'c'],
    queries: ['?limit=2&after=z', '?limit=2&after=b'],
  });
});

it('ends where a server gives the same page for ever, or one without items', async () => {
  expect((await listed([page(['a', 'b']), page(['a', 'b'])])).ids).toEqual(['a', 'b']);
  expect((await listed([page(['a']), page([])])).ids).toEqual(['a']);
});
