import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { readFilters } from '../../src/vector-stores/filter.ts';

const compared = (key: string, value: unknown, type = 'eq') => ({ type, key, value });

describe('a filter', () => {
  it.each<[string, object]>([
    ['lang=de', compared('lang', 'de')],
    ['lang == de', compared('lang', 'de')],
    ['lang!=de', compared('lang', 'de', 'ne')],
    ['year>2020', compared('year', 2020, 'gt')],
    ['year >= 2020', compared('year', 2020, 'gte')],
    ['year<2020.5', compared('year', 2020.5, 'lt')],
    ['year<=-1', compared('year', -1, 'lte')],
    ['draft=true', compared('draft', true)],
    ['draft="true"', compared('draft', 'true')],
    ['zip=01234', compared('zip', '01234')],
    ['zip="7"', compared('zip', '7')],
    ['author=Jane Doe', compared('author', 'Jane Doe')],
    ['title="a, (b) and \\"c\\""', compared('title', 'a, (b) and "c"')],
    ['path=docs/a.md', compared('path', 'docs/a.md')],
    ['"an odd key"=1', compared('an odd key', 1)],
    ['lang in de,fr', compared('lang', ['de', 'fr'], 'in')],
    ['year not in (2020, 2021)', compared('year', [2020, 2021], 'nin')],
    ['in=1', compared('in', 1)],
    [
      'a=1 and b=2 or c=3',
      {
        type: 'or',
        filters: [{ type: 'and', filters: [compared('a', 1), compared('b', 2)] }, compared('c', 3)],
      },
    ],
    [
      'a=x y and (b=2 or c=3)',
      {
        type: 'and',
        filters: [compared('a', 'x y'), { type: 'or', filters: [compared('b', 2), compared('c', 3)] }],
      },
    ],
    ['{"type":"eq","key":"a","value":"b"}', compared('a', 'b')],
  ])('%s is understood', async (text, filter) => {
    expect(await readFilters([text])).toEqual(filter);
  });

  it('may be given several times: all must hold', async () => {
    expect(await readFilters([])).toBeUndefined();
    expect(await readFilters(['a=1', 'b=2 or c=3'])).toEqual({
      type: 'and',
      filters: [compared('a', 1), { type: 'or', filters: [compared('b', 2), compared('c', 3)] }],
    });
  });

  it.each([
    ['lang', '--filter lang: column 5 needs =, !=, <, <=, >, >= or in, after lang'],
    ['lang=', '--filter lang=: column 6 needs a value'],
    ['=de', '--filter =de: column 1 needs the name of an attribute'],
    ['lang=de,fr', '--filter lang=de,fr: column 8 needs `and` or `or` before it'],
    ['a=1 and', '--filter a=1 and: column 8 needs the name of an attribute'],
    ['(a=1', '--filter (a=1: column 5 needs a `)`'],
    ['a in (1,2', '--filter a in (1,2: column 10 needs a `)`'],
    ['a like b', '--filter a like b: column 3 needs =, !=, <, <=, >, >= or in, after a'],
    ['a="b', '--filter a="b: column 3 is not understood'],
    ['a ! b', '--filter a ! b: column 2 is not understood'],
    ['  ', '--filter   : column 1 needs the name of an attribute'],
    [`${'('.repeat(30)}a=1${')'.repeat(30)}`, /is in too many brackets$/],
    ['{"type" 7}', '--filter is no JSON: line 1, column 9: unexpected number'],
    [
      '{"type":"like","key":"a","value":1}',
      '--filter: its type "like" is not one of eq, ne, gt, gte, lt, lte, in, nin, and, or',
    ],
    ['{"type":"eq","value":1}', '--filter: eq needs a key'],
    ['{"type":"eq","key":"a"}', '--filter: eq a needs a value'],
    ['{"type":"and","filters":[]}', '--filter: and needs a list of filters'],
    ['{"type":"or","filters":[7]}', '--filter: 7 is no filter'],
  ])('%s is refused', async (text, message) => {
    const error = await readFilters([text]).catch((failure: unknown) => failure);
    if (!(error instanceof Failure)) throw new Error('accepted');
    expect(error.kind).toBe('usage');
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.hint).toContain('lang=de');
  });
});
