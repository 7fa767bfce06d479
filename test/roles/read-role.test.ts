import { describe, expect, it } from 'vitest';
import { readRole } from '../../src/roles/role.ts';
import { roleSettings } from '../../src/roles/settings.ts';

const HOME = { home: '/home/ann' };

function role(text: string, path: string | undefined = '/home/ann/.config/oai/roles/r.md') {
  return readRole(text, { name: 'r', source: 'own', path });
}

/** What a front matter sets. */
function settings(...lines: string[]) {
  return roleSettings(role(['---', ...lines, '---', 'text'].join('\n')), HOME);
}

describe('a role', () => {
  it.each([
    ['text alone', 'Be brief.\n', 'Be brief.'],
    ['settings and text', '---\nmodel: m\n---\n\nBe brief.\n\nVery.\n', 'Be brief.\n\nVery.'],
    ['line ends of Windows', '---\r\nmodel: m\r\n---\r\nBe brief.\r\n', 'Be brief.'],
    ['an end of dots', '---\nmodel: m\n...\nBe brief.', 'Be brief.'],
    ['empty settings', '---\n---\nBe brief.', 'Be brief.'],
    ['a comment for settings', '---\n# model: m\n---\nBe brief.', 'Be brief.'],
    ['a rule further down', 'Be brief.\n\n---\n\nVery.', 'Be brief.\n\n---\n\nVery.'],
    ['dashes in a setting', '---\ndescription: "a --- b"\n---\nBe brief.', 'Be brief.'],
    ['a system of its own and no text', '---\nsystem: Be brief.\n---\n', 'Be brief.'],
  ])('has %s', (_, text, system) => {
    expect(role(text)).toMatchObject({ system, question: undefined });
  });

  it('has a question where there is a place for the input', () => {
    expect(role('---\nsystem: Be brief.\n---\nSum up:\n{{ input }}')).toMatchObject({
      system: 'Be brief.',
      question: 'Sum up:\n{{ input }}',
    });
    expect(role('Say {{{{input}} as it is')).toMatchObject({ question: undefined });
  });

  it('has settings of its own', () => {
    const text =
      '---\ndescription: brief\nvars: {to: French, n: 3, yes: true, must: null}\nmessage:\n  - user:a\n  - assistant:b\n---\nx';
    expect(role(text)).toMatchObject({
      description: 'brief',
      vars: new Map([
        ['to', 'French'],
        ['n', '3'],
        ['yes', 'true'],
      ]),
      examples: ['user:a', 'assistant:b'],
      entries: [],
    });
    expect(role('---\nmessage: user:a\nvars:\n---\nx')).toMatchObject({
      examples: ['user:a'],
      vars: new Map(),
    });
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'role r is empty'],
    ['blanks', ' \n\n', 'role r is empty'],
    ['nothing beside empty settings', '---\n---\n', 'role r is empty'],
    ['no end of its settings', '---\nmodel: m\n', 'role r line 1: the settings that begin with --- have no'],
    ['broken YAML', '---\nmodel: m\nstop: [a\n---\nx', 'role r line 4: '],
    ['a tab for an indent', '---\nvars:\n\ta: b\n---\nx', 'role r line 3: '],
    ['a setting twice', '---\nmodel: m\nmodel: n\n---\nx', 'role r line 3: Map keys must be unique'],
    ['a list for settings', '---\n- model\n---\nx', 'role r line 2: the settings are no list of names'],
    ['a text for settings', '---\nmodel\n---\nx', 'role r line 2: the settings are no list of names'],
    ['a number for a name', '---\nmodel: m\n1: x\n---\nx', 'role r line 3: the name of a setting is a word'],
    ['a list for a name', '---\n? [a]\n: x\n---\nx', 'role r line 2: the name of a setting is a word'],
    ['a system prompt twice', '---\nsystem: a\n---\nb', 'role r line 2: system is said twice'],
    ['an input in its system', '---\nsystem: "{{input}}"\n---\n', 'role r line 2: {{input}} belongs'],
    ['an input in a message', '---\nmessage: "user:{{input}}"\n---\nx', 'role r line 2: {{input}} belongs'],
    ['a number for a description', '---\ndescription: 1\n---\nx', 'role r line 2: description takes a text'],
    ['a list for vars', '---\nvars: [a]\n---\nx', 'role r line 2: vars takes names and values'],
    [
      'a list for one of vars',
      '---\nvars: {a: [b]}\n---\nx',
      'role r line 2: vars.a takes one value, and no list',
    ],
    ['an input among vars', '---\nvars: {input: a}\n---\nx', 'role r line 2: vars.input: that is what'],
    ['a number for a message', '---\nmessage: [1]\n---\nx', 'role r line 2: message takes texts such as'],
  ])('of %s is refused', (_, text, message) => {
    expect(() => role(text)).toThrow(message);
  });

  it('is no bomb', () => {
    const levels = Array.from({ length: 9 }, (_, at) => `  - &l${at + 1} [${`*l${at}, `.repeat(9)}x]`);
    const text = `---\nstop:\n  - &l0 x\n${levels.join('\n')}\n---\nx`;
    expect(() => role(text)).toThrow(/^role r line 2: stop: Excessive alias count/);
  });

  it('runs nothing by a tag', () => {
    const read = role('---\nmodel: !!js/function "function () { return 1 }"\n---\nx');
    expect(read.entries[0]?.value).toBe('function () { return 1 }');
  });
});

describe('the settings of a role', () => {
  it.each<[string, string[], object]>([
    ['a model', ['model: gpt-4o'], { model: 'gpt-4o' }],
    ['a model that looks like a number', ['model: 4'], { model: '4' }],
    ['names as the API writes them', ['max_tokens: 5', 'top_p: 0.5'], { maxTokens: 5, topP: 0.5 }],
    [
      'names as flags are typed',
      ['max-tokens: 5', 'reasoning-effort: none'],
      { maxTokens: 5, reasoningEffort: 'none' },
    ],
    ['a list', ['stop: [a, b]'], { stop: ['a', 'b'] }],
    ['one of a list', ['stop: a'], { stop: ['a'] }],
    [
      'labels',
      ['metadata: {k: v, n: 1}'],
      {
        metadata: [
          ['k', 'v'],
          ['n', '1'],
        ],
      },
    ],
    ['biases', ['logit-bias: {1734: -100}'], { logitBias: [['1734', -100]] }],
    ['a switch', ['json-object: true', 'store: true'], { jsonObject: true, store: true }],
    ['a switch that is off', ['json-object: false'], {}],
    ['a switch the other way', ['parallel-tools: false'], { parallelTools: false }],
    ['a switch the other way that is off', ['parallel-tools: true'], {}],
    ['any field', ['param: {user: x, web: {size: low}}'], { param: ['user="x"', 'web={"size":"low"}'] }],
    ['a schema beside it', ['schema: p.json'], { schema: '/home/ann/.config/oai/roles/p.json' }],
    ['a schema elsewhere', ['schema: ~/p.json'], { schema: '/home/ann/p.json' }],
    ['a schema on the net', ['schema: https://x.example/p.json'], { schema: 'https://x.example/p.json' }],
    [
      'a schema in it',
      ['schema: {type: object}'],
      { schema: { value: { type: 'object' }, from: 'role r line 2: schema' } },
    ],
    [
      'tools beside it',
      ['tools: t.json', 'tool-spec: [w=w.json, v.json]'],
      {
        tools: '/home/ann/.config/oai/roles/t.json',
        toolSpec: ['w=/home/ann/.config/oai/roles/w.json', '/home/ann/.config/oai/roles/v.json'],
      },
    ],
    [
      'a prediction beside it',
      ['prediction: "@p.txt"'],
      { prediction: '@/home/ann/.config/oai/roles/p.txt' },
    ],
    ['a prediction', ['prediction: "@@p.txt"'], { prediction: '@@p.txt' }],
  ])('are %s', (_, lines, expected) => {
    expect(settings(...lines)).toEqual(expected);
  });

  it.each<[string, string[], string]>([
    [
      'an unknown one',
      ['model: m', 'temprature: 1'],
      'role r line 3: temprature is no setting of a role; did you mean temperature?',
    ],
    ['a word of JavaScript', ['constructor: 1'], 'role r line 2: constructor is no setting of a role'],
    ['a prototype', ['__proto__: {model: m}'], 'role r line 2: __proto__ is no setting'],
    ['consent to run programs', ['yes: true'], 'role r line 2: yes is no setting of a role'],
    ['another server', ['base-url: https://evil.example'], 'role r line 2: base-url is no setting of a role'],
    ['a file to write', ['output: x'], 'role r line 2: output is no setting of a role'],
    ['a header', ['header: "x: y"'], 'role r line 2: header is no setting of a role'],
    ['another profile', ['profile: work'], 'role r line 2: profile is no setting of a role'],
    ['a number out of range', ['temperature: 9'], 'role r line 2: temperature 9 is not a number from 0 to 2'],
    [
      'a word for a number',
      ['max-tokens: many'],
      'role r line 2: max-tokens many is not a whole number of 1 or more',
    ],
    [
      'a word that there is not',
      ['verbosity: loud'],
      'role r line 2: verbosity loud is not one of low, medium, high',
    ],
    ['nothing', ['model:'], 'role r line 2: model is empty'],
    ['a list for one', ['model: [a, b]'], 'role r line 2: model takes one value, and no list'],
    ['a list in a list', ['stop: [[a]]'], 'role r line 2: stop takes one value, and no list'],
    ['a number for a switch', ['store: 1'], 'role r line 2: store takes true or false'],
    ['stdin for a file', ['schema: "-"'], 'role r names stdin as a file'],
    ['a list of fields', ['param: [a=b]'], 'role r line 2: param takes names and values'],
  ])('are not %s', (_, lines, message) => {
    expect(() => settings(...lines)).toThrow(message);
  });
});
