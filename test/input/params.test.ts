import { describe, expect, it } from 'vitest';
import { readParams, withParams } from '../../src/input/params.ts';

describe('--param', () => {
  it.each([
    ['a number', ['seed=7'], { seed: 7 }],
    ['a boolean', ['store=true'], { store: true }],
    ['text that is no JSON', ['user=maria k'], { user: 'maria k' }],
    ['text that is quoted JSON', ['user="7"'], { user: '7' }],
    ['an empty text', ['user='], { user: '' }],
    ['an equals sign in the value', ['stop=a=b'], { stop: 'a=b' }],
    ['dotted names', ['metadata.a=x', 'metadata.b=y'], { metadata: { a: 'x', b: 'y' } }],
    ['the later of two', ['n=1', 'n=2'], { n: 2 }],
    ['a list', ['stop=["a","b"]'], { stop: ['a', 'b'] }],
    ['null', ['stop=null'], { stop: null }],
  ])('reads %s', (_, params, expected) => {
    expect(readParams(params)).toEqual(expected);
  });

  it.each([
    ['no equals sign', ['seed']],
    ['no name', ['=7']],
    ['an empty part of a name', ['a..b=1']],
    ['the prototype', ['__proto__.polluted=1']],
    ['a field of a number', ['a=1', 'a.b=2']],
    ['a field of a list', ['a=[]', 'a.b=2']],
  ])('refuses %s', (_, params) => {
    expect(() => readParams(params)).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('goes on top of a request: objects are merged, all else is replaced', () => {
    const request = { model: 'm', messages: [1], options: { a: 1, b: 2 } };
    expect(withParams(request, { messages: [2], options: { b: 3 }, seed: 1 })).toEqual({
      model: 'm',
      messages: [2],
      options: { a: 1, b: 3 },
      seed: 1,
    });
    expect(request).toEqual({ model: 'm', messages: [1], options: { a: 1, b: 2 } });
  });
});
