/** A key as it was pressed, or a text that was pasted as one. */
export interface Key {
  /**
   * What it is called: `text` and `paste` (with the text), `enter`, `tab`, `up`, `ctrl-a`, `alt-b`, `shift-tab`,
   * `ctrl-left`, …; `position` is the terminal's answer to where the cursor is.
   */
  readonly id: string;
  /** Of `text` and `paste`; a paste has `\n` between its lines. */
  readonly text: string;
  /** Of `position`: the column of the cursor, from 1. */
  readonly column?: number;
}

const ESCAPE = '\u001b';
const PASTE_END = `${ESCAPE}[201~`;

/** A control sequence (ECMA-48, 5.4): parameters, intermediates, a final character. */
const CONTROL_SEQUENCE = /\u001b\[(\[[A-E]|([0-9;:<=>?]*)[ -/]*([@-~]))/y;
/** A key of the keypad, or one of a terminal in application mode. */
const SINGLE_SHIFT = /\u001bO([A-Za-z])/y;
/** An answer of the terminal in words (OSC, DCS, APC, PM, SOS): nobody here asked for one. */
const STRING = /\u001b[\]P_^X][^\u0007\u001b]*(\u0007|\u001b\\)/y;
/** The beginning of one of those, as far as it has come; and a lone Escape, which may begin any. */
const UNFINISHED = /\u001b+(\[\[?[0-9;:<=>?]*[ -/]*|O|[\]P_^X][^\u0007\u001b]*\u001b?)?$/y;
/** Characters that stand for themselves. */
const PLAIN = /[^\u0000-\u001f\u007f]+/y;

const FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'begin',
  F: 'end',
  H: 'home',
  M: 'enter',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift-tab',
};

const NUMBERED: Readonly<Record<number, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
};

const CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\u0000': 'ctrl-space',
  [ESCAPE]: 'escape',
};

/**
 * Reads keys from what a terminal sends in raw mode. A sequence that is cut between two pieces is kept until the rest
 * of it comes; a lone Escape looks like the beginning of one until `flush` says that nothing follows.
 */
export class KeyReader {
  #rest = '';
  /** Pieces of a paste whose end has not come; undefined outside of one. */
  #paste: string[] | undefined;

  /** Something is held back that may be the beginning of a key. */
  get isWaiting(): boolean {
    return this.#rest !== '' && this.#paste === undefined;
  }

  /** A paste has begun whose end has not come. */
  get isPasting(): boolean {
    return this.#paste !== undefined;
  }

  push(text: string): Key[] {
    const input = this.#rest + text;
    const keys: Key[] = [];
    this.#rest = '';
    let at = 0;
    while (at < input.length) {
      const end =
        this.#paste === undefined
          ? this.#readKey(input, at, keys)
          : this.#readPaste(input, at, this.#paste, keys);
      if (end === undefined) break;
      at = end;
    }
    return keys;
  }

  /** What was held back, when nothing has followed it for a while. */
  flush(): Key[] {
    if (this.#paste !== undefined) return this.#cutPaste(this.#paste);
    if (!this.isWaiting) return [];
    const rest = this.#rest;
    this.#rest = '';
    if (rest === ESCAPE) return [key('escape')];
    return rest.length === 2 ? [key(`alt-${rest[1]}`)] : [];
  }

  /** A paste whose end was lost on the way. */
  #cutPaste(paste: readonly string[]): Key[] {
    // The end may have come in part.
    const text = `${paste.join('')}${this.#rest}`.replace(/\u001b(\[(2(0(1)?)?)?)?$/, '');
    this.#paste = undefined;
    this.#rest = '';
    return text === '' ? [] : [pasteKey(text)];
  }

  /** @returns where the key ends, or undefined when there is only the beginning of one, which is kept */
  #readKey(input: string, at: number, keys: Key[]): number | undefined {
    const plain = matched(PLAIN, input, at);
    if (plain !== undefined) {
      keys.push(key('text', plain[0]));
      return at + plain[0].length;
    }
    if (input[at] !== ESCAPE) {
      keys.push(key(controlName(input.charAt(at))));
      return at + 1;
    }
    return this.#readSequence(input, at, keys);
  }

  #readSequence(input: string, at: number, keys: Key[]): number | undefined {
    const control = matched(CONTROL_SEQUENCE, input, at);
    if (control !== undefined) {
      const [whole, , parameters = '', final = ''] = control;
      if (final === '~' && parameters === '200') this.#paste = [];
      else keys.push(...controlKeys(parameters, final));
      return at + whole.length;
    }
    if (matched(UNFINISHED, input, at) !== undefined) return this.#keep(input, at);
    const shifted = matched(SINGLE_SHIFT, input, at);
    if (shifted !== undefined) {
      const name = FINAL[shifted[1] ?? ''];
      if (name !== undefined) keys.push(key(name));
      return at + shifted[0].length;
    }
    const words = matched(STRING, input, at);
    if (words !== undefined) return at + words[0].length;
    return this.#readAlt(input, at, keys);
  }

  /** Escape and a key is that key with Alt. */
  #readAlt(input: string, at: number, keys: Key[]): number | undefined {
    const next = input.codePointAt(at + 1);
    if (next === undefined) return this.#keep(input, at);
    const character = String.fromCodePoint(next);
    if (character === ESCAPE) {
      const inner: Key[] = [];
      const end = this.#readSequence(input, at + 1, inner);
      if (end === undefined) return this.#keep(input, at);
      keys.push(...inner.map(({ id, text }) => key(`alt-${id}`, text)));
      return end;
    }
    keys.push(key(`alt-${next < 0x20 || next === 0x7f ? controlName(character) : character}`));
    return at + 1 + character.length;
  }

  #readPaste(input: string, at: number, paste: string[], keys: Key[]): number | undefined {
    const end = input.indexOf(PASTE_END, at);
    if (end === -1) {
      // The last characters may be the beginning of the end: they are looked at again with what follows.
      const cut = Math.max(at, input.length - (PASTE_END.length - 1));
      paste.push(input.slice(at, cut));
      return this.#keep(input, cut);
    }
    paste.push(input.slice(at, end));
    this.#paste = undefined;
    keys.push(pasteKey(paste.join('')));
    return end + PASTE_END.length;
  }

  /** Holds back what the next piece will complete. */
  #keep(input: string, from: number): undefined {
    this.#rest = input.slice(from);
  }
}

function key(id: string, text = ''): Key {
  return { id, text };
}

function pasteKey(text: string): Key {
  return key('paste', text.replace(/\r\n?/g, '\n'));
}

function matched(pattern: RegExp, input: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(input) ?? undefined;
}

/** Ctrl and a letter is that letter's number in the alphabet. */
function controlName(character: string): string {
  const letter = String.fromCharCode(character.charCodeAt(0) + 0x40).toLowerCase();
  return CONTROL[character] ?? `ctrl-${letter}`;
}

/** What a control sequence means; nothing for what is no key (a report of the mouse or of the focus). */
function controlKeys(parameters: string, final: string): Key[] {
  if (/[<=>?]/.test(parameters)) return [];
  const [first = 1, second = 1, third] = parameters
    .split(';')
    .map((part) => Number.parseInt(part, 10) || undefined);
  if (final === 'R' && parameters.includes(';')) return [{ id: 'position', text: '', column: second }];
  // A key that is let go: the third kind of event of kitty's protocol.
  if (/:3(;|$)/.test(parameters)) return [];
  // https://sw.kovidgoyal.net/kitty/keyboard-protocol/ and xterm's modifyOtherKeys.
  if (final === 'u') return codeKeys(first, second);
  if (final === '~' && first === 27 && third !== undefined) return codeKeys(third, second);
  const name = final === '~' ? NUMBERED[first] : FINAL[final];
  return name === undefined ? [] : [key(modifiers(second) + name)];
}

/** A key that came as the number of its character. */
function codeKeys(code: number, modifier: number): Key[] {
  if (code > 0x10ffff) return [];
  const character = String.fromCodePoint(code);
  const pressed = modifiers(modifier);
  const isControl = code < 0x20 || code === 0x7f;
  if (isControl) return [key(pressed + controlName(character))];
  if (pressed === '' || pressed === 'shift-') return [key('text', character)];
  return [key(pressed.replace('shift-', '') + character.toLowerCase())];
}

/** Shift is 1, Alt 2, Ctrl 4, and 1 is added to their sum (xterm's control sequences, "PC-Style Function Keys"). */
function modifiers(parameter: number): string {
  const bits = parameter - 1;
  return `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 1 ? 'shift-' : ''}`;
}
