import type { Filter } from '../api/vector-stores.ts';
import { usageError } from '../errors.ts';
import { readJson } from '../input/json-text.ts';
import { isObject } from '../json.ts';
import { typed } from './attributes.ts';

const HOW = `write lang=de and year>=2024, lang in de,fr, title="a, b", with or, not in and ( ); or the API's JSON`;

/** How an attribute is compared, as it is typed. */
const OPERATORS: Readonly<Record<string, 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'>> = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'ne',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
};

/**
 * Reads the filters of `--filter`, all of which must hold: comparisons (`lang=de and year>=2024`), or the API's own JSON.
 * @throws Failure (usage) that says where one breaks
 */
export async function readFilters(texts: readonly string[]): Promise<Filter | undefined> {
  const filters: Filter[] = [];
  for (const text of texts) filters.push(await readFilter(text));
  return filters.length < 2 ? filters[0] : { type: 'and', filters };
}

async function readFilter(text: string): Promise<Filter> {
  if (!text.trimStart().startsWith('{')) return new FilterReader(text).all();
  const filter = await readJson(text, '--filter', HOW);
  const problem = problemIn(filter);
  if (problem !== undefined) throw usageError(`--filter: ${problem}`, HOW);
  return filter as Filter;
}

const TYPES: readonly unknown[] = [...new Set(Object.values(OPERATORS)), 'in', 'nin'];

/** What is wrong with a filter in the API's own form. */
function problemIn(filter: unknown): string | undefined {
  if (!isObject(filter)) return `${JSON.stringify(filter)} is no filter`;
  const { type, filters, key, value } = filter;
  if (type === 'and' || type === 'or') {
    if (!Array.isArray(filters) || filters.length === 0) return `${type} needs a list of filters`;
    return filters.map(problemIn).find((problem) => problem !== undefined);
  }
  if (!TYPES.includes(type)) {
    return `its type ${JSON.stringify(type)} is not one of ${TYPES.join(', ')}, and, or`;
  }
  if (typeof key !== 'string' || key === '') return `${type} needs a key`;
  return value === undefined || value === null ? `${type} ${key} needs a value` : undefined;
}

/** A sign of a filter, and where it begins. */
interface Sign {
  readonly kind: 'word' | 'text' | 'sign' | 'end';
  readonly text: string;
  /** From 1 on. */
  readonly column: number;
}

const SIGNS = /\s*(?:(?<quoted>"(?:[^"\\]|\\.)*")|(?<sign>[<>!=]=|[<>=(),])|(?<word>[^\s"<>!=(),]+))/gy;

function signsOf(text: string): Sign[] {
  const signs: Sign[] = [];
  const end = text.trimEnd().length;
  SIGNS.lastIndex = 0;
  while (SIGNS.lastIndex < end) {
    const at = SIGNS.lastIndex;
    const groups = SIGNS.exec(text)?.groups;
    if (groups === undefined) throw broken(text, at + 1, 'is not understood');
    const { quoted, sign, word } = groups;
    const found = quoted ?? sign ?? word ?? '';
    const kind = quoted !== undefined ? 'text' : sign !== undefined ? 'sign' : 'word';
    signs.push({ kind, text: found, column: SIGNS.lastIndex - found.length + 1 });
  }
  return [...signs, { kind: 'end', text: '', column: end + 1 }];
}

function broken(text: string, column: number, problem: string) {
  return usageError(`--filter ${text === '' ? "''" : text}: column ${column} ${problem}`, HOW);
}

/** Levels of brackets: a filter that somebody types has a few. */
const MOST_LEVELS = 20;

/** Reads comparisons: `or` binds less than `and`. */
class FilterReader {
  readonly #text: string;
  readonly #signs: readonly Sign[];
  #at = 0;
  #levels = 0;

  constructor(text: string) {
    this.#text = text;
    this.#signs = signsOf(text);
  }

  all(): Filter {
    const filter = this.#joined('or');
    const left = this.#peek();
    if (left.kind !== 'end') throw this.#broken(left, 'needs `and` or `or` before it');
    return filter;
  }

  #joined(type: 'or' | 'and'): Filter {
    const one = () => (type === 'or' ? this.#joined('and') : this.#term());
    const filters = [one()];
    while (this.#takes(type)) filters.push(one());
    const [first] = filters;
    return filters.length === 1 && first !== undefined ? first : { type, filters };
  }

  #term(): Filter {
    if (!this.#takes('(')) return this.#comparison();
    this.#levels += 1;
    if (this.#levels > MOST_LEVELS) throw this.#broken(this.#peek(), 'is in too many brackets');
    const filter = this.#joined('or');
    if (!this.#takes(')')) throw this.#broken(this.#peek(), 'needs a `)`');
    this.#levels -= 1;
    return filter;
  }

  #comparison(): Filter {
    const name = this.#next();
    if (name.kind !== 'word' && name.kind !== 'text')
      throw this.#broken(name, 'needs the name of an attribute');
    const key = name.kind === 'text' ? String(typed(name.text)) : name.text;
    const operator = this.#next();
    const type = Object.hasOwn(OPERATORS, operator.text) ? OPERATORS[operator.text] : undefined;
    if (type !== undefined && operator.kind === 'sign') return { type, key, value: this.#value() };
    const isNot = operator.kind === 'word' && operator.text === 'not';
    const word = isNot ? this.#next() : operator;
    if (word.kind !== 'word' || word.text !== 'in') {
      throw this.#broken(word, `needs =, !=, <, <=, >, >= or in, after ${key}`);
    }
    return { type: isNot ? 'nin' : 'in', key, value: this.#list() };
  }

  #list(): (string | number)[] {
    const isBracketed = this.#takes('(');
    const values: (string | number)[] = [];
    do {
      const value = this.#value();
      // The API compares with lists of texts and numbers.
      values.push(typeof value === 'boolean' ? String(value) : value);
    } while (this.#takes(','));
    if (isBracketed && !this.#takes(')')) throw this.#broken(this.#peek(), 'needs a `)`');
    return values;
  }

  /** One text in quotes, or words up to the next sign, `and` or `or`. */
  #value(): string | number | boolean {
    const first = this.#next();
    if (first.kind === 'text') return typed(first.text);
    if (first.kind !== 'word') throw this.#broken(first, 'needs a value');
    const words = [first.text];
    for (let { kind, text } = this.#peek(); kind === 'word'; { kind, text } = this.#peek()) {
      if (text === 'and' || text === 'or') break;
      words.push(text);
      this.#at += 1;
    }
    return typed(words.join(' '));
  }

  #takes(text: string): boolean {
    const sign = this.#peek();
    const isIt = sign.text === text && (sign.kind === 'word' || sign.kind === 'sign');
    if (isIt) this.#at += 1;
    return isIt;
  }

  #peek(): Sign {
    return this.#signs[this.#at] ?? { kind: 'end', text: '', column: this.#text.length + 1 };
  }

  #next(): Sign {
    const sign = this.#peek();
    this.#at += 1;
    return sign;
  }

  #broken({ column }: Sign, problem: string) {
    return broken(this.#text, column, problem);
  }
}
