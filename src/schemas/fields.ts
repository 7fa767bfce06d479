import { type Failure, usageError } from '../errors.ts';
import { didYouMean } from '../settings/nearest.ts';
import { ALL_TYPE_WORDS, TYPE_WORDS, typeByWord } from './field-types.ts';
import type { JsonSchema } from './json-schema.ts';
import { nullable } from './nullable.ts';

/** Brackets in brackets: far more than the ten levels that the API takes, far fewer than the stack does. */
const DEEPEST = 64;

/** Characters that mean something, and so are in no name and no word unless it is quoted. */
const MARKS = ',:?()[]{}|"';

/**
 * Reads `--fields`, a short way to write the schema of an object. Spaces between the parts are free; names and
 * descriptions are in any script.
 *
 * ```ebnf
 * fields      = field , { "," , field } , [ "," ] ;
 * field       = name , [ "?" ] , [ type ] , [ ":" , description ] ;
 * type        = ( word | list | object | choice ) , [ "?" ] ;
 * word        = "string" | "int" | "number" | "bool" | "date" | … (field-types.ts) ;   (* none is string *)
 * list        = "[" , type , "]" ;
 * object      = "{" , fields , "}" ;
 * choice      = "(" , value , { "|" , value } , ")" ;
 * name        = quoted | letter , { letter } ;       (* a letter: any character but spaces and , : ? ( ) [ ] { } | " *)
 * value       = quoted | text without "|" and ")" ;                            (* spaces at its ends do not count *)
 * description = quoted | text to the next "," or "}" that stands in no bracket of the text ;
 * quoted      = '"' , { any character but " and \ | "\" , any character } , '"' ;     (* \n, \t: as in JSON *)
 * ```
 *
 * `?` after a name or its type means that the value may be missing: it is null then, since strict mode knows no
 * property that is left out. Within a list it means that items may be null.
 *
 * @returns an object schema as strict mode takes it: closed, every property required, in the order written
 * @throws Failure (usage) that names the place and what was expected there
 */
export function readFields(text: string): JsonSchema {
  const reader = new FieldsReader(text);
  const schema = reader.fields('', 0);
  reader.expectEnd();
  return schema;
}

class FieldsReader {
  readonly #text: string;
  #at = 0;
  /** The name, in backquotes, after which the reader is; for errors. */
  #after = 'the start';

  constructor(text: string) {
    this.#text = text;
  }

  /** @param closer the bracket that ends them, or `''` for the end of the text */
  fields(closer: '' | '}', depth: number): JsonSchema {
    const properties = new Map<string, JsonSchema>();
    while (this.#peek() !== closer) {
      const name = this.#name();
      if (properties.has(name)) throw this.#error(`\`${name}\` stands twice`);
      properties.set(name, this.#field(name, depth));
      if (this.#peek() === ',') this.#at += 1;
      else if (this.#peek() !== closer) throw this.#unexpected(closer === '' ? ['`,`'] : ['`,`', '`}`']);
    }
    if (properties.size === 0) {
      throw this.#error(closer === '' ? 'there is no field in it' : `${this.#afterWords()} {} has no field`);
    }
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      required: [...properties.keys()],
      additionalProperties: false,
    };
  }

  expectEnd(): void {
    if (this.#peek() !== '') throw this.#unexpected(['`,`']);
  }

  #field(name: string, depth: number): JsonSchema {
    this.#after = `\`${name}\``;
    const optional = this.#takes('?');
    const next = this.#peek();
    const bare = next === '' || next === ',' || next === ':' || next === '}';
    const type = bare ? { type: 'string' } : this.#type(depth);
    const schema = optional ? nullable(type, type) : type;
    if (!this.#takes(':')) return schema;
    const description = this.#description();
    return description === '' ? schema : described(schema, description);
  }

  #type(depth: number): JsonSchema {
    if (depth > DEEPEST) throw this.#error(`brackets nest deeper than ${DEEPEST} levels`);
    const type = this.#core(depth);
    return this.#takes('?') ? nullable(type, type) : type;
  }

  #core(depth: number): JsonSchema {
    if (this.#takes('[')) {
      if (this.#peek() === ']')
        throw this.#error(`${this.#afterWords()} [] names no type; [string], [int], …`);
      const items = this.#type(depth + 1);
      this.#close(']');
      return { type: 'array', items };
    }
    if (this.#takes('{')) {
      const after = this.#after;
      const schema = this.fields('}', depth + 1);
      this.#close('}');
      this.#after = after;
      return schema;
    }
    return this.#takes('(') ? this.#choice() : this.#word();
  }

  #word(): JsonSchema {
    const word = this.#bare();
    if (word === '') throw this.#unexpected(['a type', '`,`', '`:`']);
    const type = typeByWord(word);
    if (type === undefined) throw this.#noType(word);
    // Elsewhere a list of strings is string[]; here brackets go round.
    if (this.#text.startsWith('[]', this.#at)) {
      throw this.#error(`${this.#afterWords()} comes \`${word}[]\`; a list is written [${word}]`);
    }
    return type;
  }

  #choice(): JsonSchema {
    const values: string[] = [];
    do {
      const value = this.#peek() === '"' ? this.#quoted() : this.#upTo('|)');
      if (value === '' && this.#peek() === '') throw this.#unclosed('(');
      if (value === '') throw this.#error(`${this.#afterWords()} a choice in (…) is empty`);
      if (values.includes(value)) throw this.#error(`${this.#afterWords()} \`${value}\` is offered twice`);
      values.push(value);
    } while (this.#takes('|'));
    this.#close(')');
    return { type: 'string', enum: values };
  }

  #name(): string {
    const name = this.#peek() === '"' ? this.#quoted() : this.#bare();
    if (name === '') throw this.#unexpected(['a name']);
    return name;
  }

  #description(): string {
    if (this.#peek() === '"') return this.#quoted();
    const open: string[] = [];
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (open.length === 0 && (character === ',' || character === '}')) break;
      if ('([{'.includes(character)) open.push(character);
      // A closing bracket that was never opened is text, as in :)
      else if (character === closerOf(open.at(-1))) open.pop();
      this.#at += 1;
    }
    const [unclosed] = open;
    if (unclosed !== undefined) throw this.#unclosed(unclosed);
    return this.#text.slice(start, this.#at).trim();
  }

  /** A text in double quotes, which the reader stands before. */
  #quoted(): string {
    const [whole, inside] = /^"((?:[^"\\]|\\.)*)"/su.exec(this.#text.slice(this.#at)) ?? [];
    if (whole === undefined || inside === undefined) throw this.#unclosed('"');
    this.#at += whole.length;
    return inside.replace(/\\(.)/gsu, (_, escaped: string) => ({ n: '\n', t: '\t' })[escaped] ?? escaped);
  }

  #bare(): string {
    return this.#run((character) => !MARKS.includes(character) && !/\s/u.test(character));
  }

  #upTo(ends: string): string {
    return this.#run((character) => !ends.includes(character)).trim();
  }

  #run(belongs: (character: string) => boolean): string {
    this.#skipSpace();
    const start = this.#at;
    while (this.#at < this.#text.length && belongs(this.#text.charAt(this.#at))) this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  #skipSpace(): void {
    while (/\s/u.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  /** The next character that is no space; `''` at the end. */
  #peek(): string {
    this.#skipSpace();
    return this.#text.charAt(this.#at);
  }

  #takes(mark: string): boolean {
    if (this.#peek() !== mark) return false;
    this.#at += 1;
    return true;
  }

  #close(closer: string): void {
    if (!this.#takes(closer)) throw this.#unexpected([`\`${closer}\``]);
  }

  #afterWords(): string {
    return this.#after === 'the start' ? 'at the start' : `after ${this.#after}`;
  }

  #error(message: string, hint?: string): Failure {
    return usageError(`--fields: ${message}`, hint);
  }

  #unclosed(opener: string): Failure {
    return this.#error(`${this.#afterWords()} a ${opener} is never closed`);
  }

  #unexpected(expected: readonly string[]): Failure {
    const next = this.#peek();
    const rest = next === '' ? '' : this.#bare() || next;
    const comes = rest === '' ? 'the text ends' : `comes \`${rest}\``;
    return this.#error(`${this.#afterWords()} ${comes}, where ${expected.join(' or ')} was expected`);
  }

  #noType(word: string): Failure {
    const words = TYPE_WORDS.join(', ');
    if (['array', 'list', 'object', 'enum'].includes(word)) {
      const written = { object: '{name, age int}', enum: '(open|closed)' }[word] ?? '[string]';
      return this.#error(
        `${this.#afterWords()} comes \`${word}\`, which is written with what it holds: ${written}`,
      );
    }
    const near = didYouMean(word, ALL_TYPE_WORDS) || `; ${TYPE_WORDS.slice(0, 5).join(', ')}, …`;
    return this.#error(
      `${this.#afterWords()} comes \`${word}\`, which is no type${near}`,
      `types are ${words}, [type], {fields} and (this|that); a description stands after a colon`,
    );
  }
}

function closerOf(opener: string | undefined): string | undefined {
  return opener === undefined ? undefined : { '(': ')', '[': ']', '{': '}' }[opener];
}

/** The description stands first: it is what a reader of the schema wants to see. */
function described(schema: JsonSchema, description: string): JsonSchema {
  return { description, ...schema };
}
