import { describe, expect, it } from 'vitest';
import type { Row } from '../../../src/input/rows/row.ts';
import { template } from '../../../src/input/rows/template.ts';
import { rowOf } from './reading.ts';

const ROW: Row = {
  row: 7,
  line: 9,
  id: 'k',
  value: {
    title: 'T',
    'First Name': 'F',
    제목: '가',
    author: { name: 'A', 'x.y': 1 },
    'a.b': 'own',
    a: { b: 'nested' },
    tags: ['x', 'y'],
    count: 0,
    draft: false,
    none: null,
    empty: '',
    code: '{{title}} {{{{ $& $1',
    text: 'the text',
  },
};

function filled(text: string, row: Row = ROW, field?: string) {
  return template(text)?.fill(row, field);
}

describe('a template', () => {
  it.each([
    ['{{title}}', 'T'],
    ['{{ title }}, {{title}}\n{{\ttitle}}', 'T, T\nT'],
    ['{{First Name}} {{제목}}', 'F 가'],
    ['{{author.name}}', 'A'],
    ['{{a.b}}', 'own'],
    ['{{tags.1}}', 'y'],
    ['{{count}} {{draft}}', '0 false'],
    ['{{tags}} {{author}}', '["x","y"] {"name":"A","x.y":1}'],
    ['{{title}}[{{none}}][{{empty}}]', 'T[][]'],
    ['{{input}}', 'the text'],
    ['{{row}} {{id}}', '7 k'],
    ['{{code}}{{title}}', '{{title}} {{{{ $& $1T'],
    ['{{{{title}} is {{title}}', '{{title}} is T'],
    ['{{{{{{title}}}}', '{{T}}'],
    ['{{{title}}}', '{T}'],
    ['{"a": {{title}}}', '{"a": T}'],
    ['{{title}} {{title', 'T {{title'],
    ['{{title}} }} {{}} {{ }} { {title} }', 'T }} {{}} {{ }} { {title} }'],
    ['{{ti\ntle}} {{title}}', '{{ti\ntle}} T'],
  ])('%j gives %j', (text, result) => {
    expect(filled(text)).toBe(result);
  });

  it.each(['', 'no placeholder', '{{title', 'title}}', '{title}', '{{}}', '{{ }}', '{{{{title}}', '{{{{'])(
    'is not what has no placeholder: %j',
    (text) => {
      expect(template(text)).toBeUndefined();
    },
  );

  it('takes a field before what it would stand for', () => {
    const row = { ...rowOf({ input: 'own input', row: 'own row', id: 'own id' }), id: 'k' };
    expect(filled('{{input}}, {{row}}, {{id}}', row)).toBe('own input, own row, own id');
  });

  it('has the field of --field for the input', () => {
    expect(filled('{{input}}', ROW, 'title')).toBe('T');
  });

  it('has the text of a row that is one', () => {
    expect(filled('{{row}}: {{input}}', rowOf('hello'))).toBe('7: hello');
  });

  it.each([
    ['{{titel}}', rowOf({ title: 'T', id: 1 }), 'has no field "titel" (it has title, id)'],
    ['{{title.x}}', rowOf({ title: 'T' }), 'has no field "title.x" (it has title)'],
    ['{{constructor}}', rowOf({ title: 'T' }), 'has no field "constructor" (it has title)'],
    ['{{__proto__}}', rowOf({ title: 'T' }), 'has no field "__proto__" (it has title)'],
    ['{{title}}', rowOf('hello'), 'has no field "title": it is text; {{input}} stands for it'],
    ['{{input}}', rowOf({ a: 1, b: 2 }), 'has no field "text" (it has a, b); --field names another'],
    [
      '{{n}}',
      rowOf({ n: 1e20 }),
      'has a number too large to be kept as it is in its field "n": write it in quotation marks',
    ],
    ['Sum up: {{none}}', ROW, 'has nothing in its field "none"'],
    ['{{row}} {{id}} {{none}} {{empty}}', ROW, 'has nothing in its fields "none", "empty"'],
  ])('%j cannot be filled', (text, row, problem) => {
    expect(filled(text, row)).toEqual({ problem });
  });

  it('reads a long text with many braces in no time', () => {
    const text = `${'{{'.repeat(100_001)}${'{{x '.repeat(100_000)}`;
    expect(template(text)).toBeUndefined();
  });
});
