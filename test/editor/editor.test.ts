import { describe, expect, it, onTestFinished } from 'vitest';
import type { Completion } from '../../src/editor/completion.ts';
import { type EditorOptions, LineEditor } from '../../src/editor/editor.ts';
import { InputHistory } from '../../src/editor/input-history.ts';
import { fakeContext } from '../support/context.ts';
import { settle } from '../support/oai.ts';
import { FakeTerminal } from '../support/terminal.ts';

const UP = '\u001b[A';
const DOWN = '\u001b[B';
const LEFT = '\u001b[D';
const HOME = '\u0001';
const END = '\u0005';
const ESCAPE = '\u001b';

interface Desk {
  readonly terminal: FakeTerminal;
  readonly editor: LineEditor;
  readonly context: ReturnType<typeof fakeContext>;
  /** What was written in the lines that were sent so far; undefined is the end. */
  readonly sent: (string | undefined)[];
  readonly literal: boolean[];
}

/** An editor that reads line after line on a terminal of 40 columns and 10 rows. */
async function desk({
  columns = 40,
  rows = 10,
  typed = [],
  words = [],
  writeElsewhere = () => Promise.reject(new Error('no editor')),
  text = '',
}: {
  columns?: number;
  rows?: number;
  typed?: readonly string[];
  words?: readonly string[];
  text?: string;
} & Partial<EditorOptions> = {}): Promise<Desk> {
  const terminal = new FakeTerminal({ columns, rows });
  const context = fakeContext({ openTerminal: terminal.open });
  const history = InputHistory.load(undefined, () => {});
  for (const entry of typed) history.add(entry, () => {});
  const complete = (line: string, cursor: number): Promise<Completion | undefined> => {
    const start = line.lastIndexOf(' ', cursor - 1) + 1;
    const begun = line.slice(start, cursor);
    const suggestions = words
      .filter((word) => word.startsWith(begun))
      .map((word) => ({ text: word, note: 'a word' }));
    return Promise.resolve({ start, end: cursor, suggestions });
  };
  const editor = await LineEditor.open(context, { history, complete, writeElsewhere });
  if (editor === undefined) throw new Error('no terminal');
  onTestFinished(() => editor.close());
  const sent: (string | undefined)[] = [];
  const literal: boolean[] = [];
  const readOn = async (first: string) => {
    for (let written = await editor.read('> ', first); ; written = await editor.read('> ')) {
      sent.push(written?.text);
      literal.push(written?.literal ?? false);
      if (written === undefined) return;
    }
  };
  void readOn(text);
  await terminal.settled();
  return { terminal, editor, context, sent, literal };
}

describe('a line', () => {
  it('is shown as it is typed, and sent by Enter', async () => {
    const { terminal, sent } = await desk();
    await terminal.type('hello');
    expect(terminal.lines).toEqual(['> hello']);
    expect(terminal.cursor).toEqual([0, 7]);
    await terminal.type('\r');
    expect(sent).toEqual(['hello']);
    expect(terminal.lines).toEqual(['> hello', '>']);
    expect(terminal.cursor).toEqual([1, 2]);
  });

  it('is edited in the middle', async () => {
    const { terminal, sent } = await desk();
    await terminal.type(`hello${LEFT}${LEFT}\u007f\u007fy`);
    expect(terminal.lines).toEqual(['> hylo']);
    expect(terminal.cursor).toEqual([0, 4]);
    await terminal.type(`${HOME}a${END}z\r`);
    expect(sent).toEqual(['ahyloz']);
  });

  it.each([
    ['Ctrl-W and Ctrl-Y', 'one two\u0017\u0019\u0019', 'one twotwo'],
    ['Ctrl-U', 'one two\u0015three', 'three'],
    ['Ctrl-K', `one two${HOME}\u001bf\u000b`, 'one'],
    ['Alt-B and Alt-D', 'one two\u001bb\u001bd', 'one '],
    ['Alt-Backspace', 'one two\u001b\u007f', 'one '],
    ['Ctrl-T', 'ab\u0014', 'ba'],
    ['undo', 'one two\u0017\u001f', 'one two'],
    ['Ctrl-D in a line', `ab${HOME}\u0004`, 'b'],
  ])('knows the keys of a shell: %s', async (_, keys, text) => {
    const { terminal, sent } = await desk();
    await terminal.type(`${keys}\r`);
    expect(sent).toEqual([text]);
  });

  it('begins with what is given', async () => {
    const { terminal, sent } = await desk({ text: 'asked before' });
    await terminal.type('!\r');
    expect(sent).toEqual(['asked before!']);
  });

  it('goes on when the end of it is heard later: keys come in pieces', async () => {
    const { terminal, sent } = await desk();
    const bytes = `caf${HOME}\u001b[C\u001b[1;5Cé\r`;
    for (const key of bytes) await terminal.type(key);
    expect(sent).toEqual(['café']);
  });

  it('keeps what is typed while nobody reads, and does it then', async () => {
    const { terminal, sent } = await desk();
    await terminal.type('one\rtwo\rthr');
    expect(sent).toEqual(['one', 'two']);
    expect(terminal.lines).toEqual(['> one', '> two', '> thr']);
  });
});

describe('characters that are not one cell wide', () => {
  it('Hangul is edited by the syllable', async () => {
    const { terminal, sent } = await desk();
    await terminal.type('안녕하세요');
    expect(terminal.cursor).toEqual([0, 12]);
    await terminal.type(`${LEFT}${LEFT}\u007f`);
    expect(terminal.lines).toEqual(['> 안녕세요']);
    expect(terminal.cursor).toEqual([0, 6]);
    await terminal.type('반\r');
    expect(sent).toEqual(['안녕반세요']);
  });

  it('a wide character that does not fit goes to the next row', async () => {
    const { terminal } = await desk({ columns: 9 });
    await terminal.type('가나다라마');
    expect(terminal.lines).toEqual(['> 가나다', '라마']);
    expect(terminal.cursor).toEqual([1, 4]);
    await terminal.type(`${HOME}x`);
    expect(terminal.lines).toEqual(['> x가나다', '라마']);
    await terminal.type('y');
    expect(terminal.lines).toEqual(['> xy가나', '다라마']);
  });

  it.each([
    ['a family', '👨‍👩‍👧'],
    ['a flag', '🇰🇷'],
    ['a skin tone', '👍🏽'],
    ['a heart drawn as a picture', '❤️'],
    ['Hangul in parts', '한'.normalize('NFD')],
    ['an accent of its own', 'e\u0301'],
  ])('%s is one, as wide as this terminal draws it', async (_, character) => {
    const { terminal, sent } = await desk();
    // The terminal's own opinion: what stands behind must stand where it puts it.
    await terminal.type(`${character}${character}!`);
    await terminal.type(`${LEFT}${LEFT}`);
    const drawn = terminal.lines;
    const [, between] = terminal.cursor;
    await terminal.type('x');
    expect(terminal.lines[0]?.indexOf('x')).toBeGreaterThan(0);
    expect(terminal.cursor[1]).toBe(between + 1);
    await terminal.type(`\u007f${END}`);
    expect(terminal.lines).toEqual(drawn);
    expect(drawn[0]?.endsWith('!')).toBe(true);
    await terminal.type('\u007f\u007f\r');
    expect(sent).toEqual([character]);
  });

  it('a terminal that answers nothing is no trouble', async () => {
    const { terminal, sent } = await desk();
    terminal.answers = false;
    await terminal.type('👍ok\r');
    expect(sent).toEqual(['👍ok']);
  });

  it('what would move the cursor is shown, not obeyed, and sent as it is', async () => {
    const { terminal, sent } = await desk();
    await terminal.paste('a\u001b[2Jb\tc\u202ed');
    expect(terminal.lines).toEqual(['> a␛[2Jb    c<U+202E>d']);
    await terminal.type('\r');
    expect(sent).toEqual(['a\u001b[2Jb\tc\u202ed']);
  });
});

describe('a line longer than the screen is wide', () => {
  it('goes on in the next row, and back', async () => {
    const { terminal, sent } = await desk({ columns: 10 });
    await terminal.type('abcdefgh');
    expect(terminal.lines).toEqual(['> abcdefgh']);
    expect(terminal.cursor).toEqual([1, 0]);
    await terminal.type('ij');
    expect(terminal.lines).toEqual(['> abcdefgh', 'ij']);
    await terminal.type('\u007f\u007f\u007f');
    expect(terminal.lines).toEqual(['> abcdefg']);
    expect(terminal.cursor).toEqual([0, 9]);
    await terminal.type(`${HOME}XY\r`);
    expect(sent).toEqual(['XYabcdefg']);
    expect(terminal.lines).toEqual(['> XYabcdef', 'g', '>']);
  });

  it('up and down go from row to row, in the same column', async () => {
    const { terminal, sent } = await desk({ columns: 10 });
    await terminal.type(`abcdefghijklmnopqrstuvwxyz${UP}1`);
    expect(terminal.lines).toEqual(['> abcdefgh', 'ijklmnop1q', 'rstuvwxyz']);
    await terminal.type(`${UP}2${DOWN}${DOWN}3\r`);
    expect(sent).toEqual(['abcdefg2hijklmnop1qrstuvwxyz3']);
  });

  it('is drawn key by key, not all over', async () => {
    const { terminal } = await desk({ columns: 10 });
    await terminal.type('abcdefghijklmnopqrstuvwxyz');
    terminal.writes.length = 0;
    await terminal.type('0');
    expect(terminal.writes.join('')).not.toContain('ijkl');
    expect(terminal.writes).toHaveLength(1);
  });

  it('stands below what was printed, and leaves that alone', async () => {
    const { terminal } = await desk({ columns: 10, rows: 4 });
    await terminal.type('one\r');
    for (let line = 0; line < 3; line++) await terminal.type(`${'x'.repeat(25)}\r`);
    await terminal.type(`${'y'.repeat(25)}${UP}${UP}z\u007f`);
    expect(terminal.lines.slice(0, 4)).toEqual(['> one', '> xxxxxxxx', 'xxxxxxxxxx', 'xxxxxxx']);
    expect(terminal.lines.slice(-3)).toEqual(['> yyyyyyyy', 'yyyyyyyyyy', 'yyyyyyy']);
  });
});

describe('several lines', () => {
  it.each([
    ['Ctrl-J', 'one\ntwo\r', 'one\ntwo'],
    ['Alt-Enter', 'one\u001b\rtwo\r', 'one\ntwo'],
    ['Shift-Enter, where the terminal tells it apart', 'one\u001b[13;2utwo\r', 'one\ntwo'],
    ['a backslash at the end', 'one\\\rtwo\r', 'one\ntwo'],
    ['two backslashes are meant', 'C:\\\\\r', 'C:\\\\'],
    ['between """', '"""\rone\r\rtwo\r"""\r', 'one\n\ntwo'],
    ['""" in the lines themselves', '"""one\rtwo"""\r', 'one\ntwo'],
    ['""" within', '"""\rx = """y"""\rz\r"""\r', 'x = """y"""\nz'],
  ])('%s', async (_, keys, text) => {
    const { terminal, sent } = await desk();
    await terminal.type(keys);
    expect(sent).toEqual([text]);
  });

  it('stand below one another, and the cursor goes up and down in them', async () => {
    const { terminal, sent } = await desk();
    await terminal.type(`one\ntwo\nthree${UP}${UP}X`);
    expect(terminal.lines).toEqual(['> oneX', '  two', '  three']);
    await terminal.type('\r');
    expect(sent).toEqual(['oneX\ntwo\nthree']);
    expect(terminal.lines).toEqual(['> oneX', '  two', '  three', '>']);
  });

  it('are literal between """: a slash there begins no command', async () => {
    const { terminal, sent, literal } = await desk();
    await terminal.type('"""/help"""\r/help\r');
    expect(sent).toEqual(['/help', '/help']);
    expect(literal).toEqual([true, false]);
  });
});

describe('a paste', () => {
  it('of several lines is one message, as it is', async () => {
    const { terminal, sent, literal } = await desk();
    await terminal.paste('// a comment\nint main() {\n\treturn 0; \\\n}\n');
    expect(sent).toEqual([]);
    await terminal.type('\r');
    expect(sent).toEqual(['// a comment\nint main() {\n\treturn 0; \\\n}']);
    expect(literal).toEqual([true]);
  });

  it('of one line is as good as typed', async () => {
    const { terminal, sent, literal } = await desk();
    await terminal.paste('/help');
    await terminal.type('\r');
    expect([sent, literal]).toEqual([['/help'], [false]]);
  });

  it('goes into what is there', async () => {
    const { terminal, sent } = await desk();
    await terminal.type(`see: !${LEFT}`);
    await terminal.paste('one\ntwo');
    await terminal.type('\r');
    expect(sent).toEqual(['see: one\ntwo!']);
  });

  it('of 2,000 lines shows as many as fit, around the cursor, and is sent whole', async () => {
    const { terminal, sent } = await desk();
    const text = Array.from({ length: 2000 }, (_, line) => `line ${line + 1} 한글`).join('\n');
    await terminal.paste(text);
    expect(terminal.lines.slice(-2)).toEqual(['  line 1999 한글', '  line 2000 한글']);
    expect(terminal.lines.length).toBeLessThanOrEqual(10);
    await terminal.type(UP.repeat(1999));
    expect(terminal.lines[0]).toBe('> line 1 한글');
    const start = performance.now();
    await terminal.type('x\u007f');
    expect(performance.now() - start).toBeLessThan(100);
    await terminal.type('\r');
    expect(sent).toEqual([text]);
    expect(terminal.lines.slice(-3)).toEqual(['  line 8 한글', '… 1,992 more lines', '>']);
  });

  it('begins nothing anew once it is cleared', async () => {
    const { terminal, sent, literal } = await desk();
    await terminal.paste('one\ntwo');
    await terminal.type('\u0003/help\r');
    expect([sent, literal]).toEqual([['/help'], [false]]);
  });
});

it('a paste whose end is lost ends after a while, and keys are heard again', async () => {
  const { terminal, context, sent } = await desk();
  await terminal.type('\u001b[200~one\rtwo');
  context.clock.advance(999);
  await terminal.type(' three');
  context.clock.advance(999);
  await terminal.settled();
  expect(terminal.lines).toEqual(['>']);
  context.clock.advance(1);
  await terminal.settled();
  await terminal.type('!\r');
  expect(sent).toEqual(['one\ntwo three!']);
});

describe('what was typed before', () => {
  const typed = ['first', 'second\nof two', 'third'];

  it('comes back with up, and goes with down; what was begun is kept', async () => {
    const { terminal, sent } = await desk({ typed });
    await terminal.type(`begun${UP}`);
    expect(terminal.lines).toEqual(['> third']);
    await terminal.type(UP);
    expect(terminal.lines).toEqual(['> second', '  of two']);
    await terminal.type(`${UP}${UP}`);
    expect(terminal.lines).toEqual(['> first']);
    await terminal.type(`${UP}${DOWN}${DOWN}${DOWN}${DOWN}`);
    expect(terminal.lines).toEqual(['> begun']);
    await terminal.type(`${DOWN}!\r`);
    expect(sent).toEqual(['begun!']);
  });

  it('is changed without changing what was', async () => {
    const { terminal, sent } = await desk({ typed });
    await terminal.type(`${UP}!\r${UP}${UP}\r`);
    expect(sent).toEqual(['third!', 'third']);
  });

  it('is found by Ctrl-R, further back by one more, and sent by Enter', async () => {
    const { terminal, sent } = await desk({ typed: ['ask about cats', 'ask about dogs', 'other'] });
    await terminal.type('\u0012ask');
    expect(terminal.lines).toEqual(['search "ask": ask about dogs']);
    await terminal.type('\u0012');
    expect(terminal.lines).toEqual(['search "ask": ask about cats']);
    await terminal.type('\u0012');
    expect(terminal.lines).toEqual(['nothing more with "ask": ask about cats']);
    await terminal.type('\u0013');
    expect(terminal.lines).toEqual(['search "ask": ask about dogs']);
    await terminal.type('\r');
    expect(sent).toEqual(['ask about dogs']);
    expect(terminal.lines).toEqual(['> ask about dogs', '>']);
  });

  it('found is edited with Escape or an arrow, and left with Ctrl-G', async () => {
    const { terminal, context, sent } = await desk({ typed: ['ask about cats'] });
    await terminal.type('begun\u0012CATS\u0007');
    expect(terminal.lines).toEqual(['> begun']);
    await terminal.type('\u0015\u0012cats');
    await terminal.type(ESCAPE);
    context.clock.advance(1000);
    await terminal.type('!\r');
    expect(sent).toEqual(['ask about cats!']);
    await terminal.type(`\u0012dx\u007f\u007fcats${HOME}I \r`);
    expect(sent[1]).toBe('I ask about cats!');
  });

  it('that is nowhere is said to be so', async () => {
    const { terminal, sent } = await desk({ typed: ['one'] });
    await terminal.type('\u0012zzz');
    expect(terminal.lines).toEqual(['nothing more with "zzz":']);
    await terminal.type('\u0003ok\r');
    expect(sent).toEqual(['ok']);
  });

  it('comes back with the meaning that it had', async () => {
    const { terminal, sent, literal } = await desk();
    await terminal.paste('/etc/hosts\nis a file');
    await terminal.type('\r');
    await terminal.type(`${UP}\r`);
    expect(sent).toEqual(['/etc/hosts\nis a file', '/etc/hosts\nis a file']);
    expect(literal).toEqual([true, true]);
  });
});

describe('Tab', () => {
  const words = ['/model', '/message', '/new', 'naïve'];

  it('writes the one that it can be', async () => {
    const { terminal } = await desk({ words });
    await terminal.type('/ne\t');
    expect(terminal.lines).toEqual(['> /new']);
  });

  it('writes as much as all have, and lists them; once more goes round them', async () => {
    const { terminal, sent } = await desk({ words });
    await terminal.type('/m\t');
    expect(terminal.lines).toEqual(['> /m', '  /model    a word', '  /message  a word']);
    expect(terminal.cursor).toEqual([0, 4]);
    await terminal.type('\t');
    expect(terminal.lines[0]).toBe('> /model');
    await terminal.type('\t');
    expect(terminal.lines[0]).toBe('> /message');
    await terminal.type('\t\u001b[Z');
    expect(terminal.lines[0]).toBe('> /message');
    await terminal.type('\r');
    expect(sent).toEqual([]);
    expect(terminal.lines).toEqual(['> /message']);
    await terminal.type('\r');
    expect(sent).toEqual(['/message']);
  });

  it('leaves what was typed with Escape, and its list with any other key', async () => {
    const { terminal, context } = await desk({ words });
    await terminal.type('/m\t\t');
    await terminal.type(ESCAPE);
    context.clock.advance(1000);
    await terminal.settled();
    expect(terminal.lines).toEqual(['> /m']);
    await terminal.type('\t\tx');
    expect(terminal.lines).toEqual(['> /modelx']);
  });

  it('does nothing where nothing fits', async () => {
    const { terminal } = await desk({ words });
    await terminal.type('zzz\t!');
    expect(terminal.lines).toEqual(['> zzz!']);
  });

  it('shows no more than fit on the screen', async () => {
    const { terminal } = await desk({ words: Array.from({ length: 50 }, (_, n) => `/w${n}`), rows: 8 });
    await terminal.type('/w\t');
    expect(terminal.lines).toHaveLength(6);
    expect(terminal.lines.at(-1)).toBe('  … 46 more');
    await terminal.type('\t'.repeat(50));
    expect(terminal.lines[0]).toBe('> /w49');
    expect(terminal.lines).toContain('  /w49  a word');
  });
});

describe('Ctrl-C and Ctrl-D', () => {
  it('Ctrl-C clears a line, which Ctrl-Y brings back, and hints on an empty one', async () => {
    const { terminal, sent } = await desk();
    await terminal.type('one\ntwo\u0003');
    expect(terminal.lines).toEqual(['>']);
    await terminal.type('\u0003');
    expect(terminal.lines).toEqual(['>', 'Ctrl-D or /exit leaves']);
    expect(terminal.cursor).toEqual([0, 2]);
    await terminal.type('x');
    expect(terminal.lines).toEqual(['> x']);
    await terminal.type('\u007f\u0019\r');
    expect(sent).toEqual(['one\ntwo']);
  });

  it('Ctrl-D leaves on an empty line only', async () => {
    const { terminal, sent } = await desk();
    await terminal.type('a\u0004');
    expect(sent).toEqual([]);
    await terminal.type('\u007f\u0004');
    expect(sent).toEqual([undefined]);
  });

  it('Ctrl-C while nobody reads is told at once, and forgets what was typed ahead', async () => {
    const terminal = new FakeTerminal();
    const context = fakeContext({ openTerminal: terminal.open });
    const history = InputHistory.load(undefined, () => {});
    const editor = await LineEditor.open(context, {
      history,
      complete: () => Promise.resolve(undefined),
      writeElsewhere: () => Promise.resolve(''),
    });
    let interrupts = 0;
    if (editor !== undefined) editor.onInterrupt = () => interrupts++;
    await terminal.type('ahead\r\u0003later');
    expect(interrupts).toBe(1);
    expect(terminal.lines).toEqual([]);
    void editor?.read('> ');
    await terminal.settled();
    expect(terminal.lines).toEqual(['> later']);
    editor?.close();
  });

  it('ends when the terminal is gone', async () => {
    const { terminal, editor, sent } = await desk();
    await terminal.type('half');
    terminal.hangUp();
    await settle();
    expect(sent).toEqual([undefined]);
    expect(await editor.read('> ')).toBeUndefined();
  });
});

describe('Ctrl-O', () => {
  it('writes elsewhere, with the terminal lent', async () => {
    let given = '';
    let terminalEvents: readonly string[] = [];
    const made = await desk({
      writeElsewhere: (text) => {
        given = text;
        terminalEvents = [...made.terminal.events];
        return Promise.resolve('one\ntwo\n\n');
      },
    });
    await made.terminal.type('begun\u000f');
    expect(given).toBe('begun');
    expect(terminalEvents).toEqual(['pause']);
    expect(made.terminal.events).toEqual(['pause', 'resume']);
    expect(made.terminal.lines).toEqual(['> one', '  two']);
    await made.terminal.type('\r');
    expect(made.sent).toEqual(['one\ntwo']);
  });

  it('that fails says so and keeps what was written', async () => {
    const { terminal, sent } = await desk({
      writeElsewhere: () => Promise.reject(new Error('vi ended with exit code 1')),
    });
    await terminal.type('begun\u000f');
    expect(terminal.lines).toEqual(['> begun', 'vi ended with exit code 1']);
    expect(terminal.events).toEqual(['pause', 'resume']);
    await terminal.type('!\r');
    expect(sent).toEqual(['begun!']);
  });
});

describe('a terminal that changes', () => {
  it('is drawn anew when it becomes wider or narrower', async () => {
    const { terminal } = await desk({ columns: 30 });
    await terminal.type('earlier\r');
    await terminal.type('a line that is not so short');
    expect(terminal.lines.slice(1)).toEqual(['> a line that is not so short']);
    await terminal.resize(40);
    expect(terminal.lines).toEqual(['> earlier', '> a line that is not so short']);
    await terminal.resize(20);
    expect(terminal.lines.at(-2)).toBe('> a line that is not');
    expect(terminal.lines.at(-1)).toBe(' so short');
    expect(terminal.lines[0]).toBe('> earlier');
    await terminal.type('!');
    expect(terminal.lines.at(-1)).toBe(' so short!');
  });

  it('leaves a short line alone, whatever its size', async () => {
    const { terminal } = await desk();
    await terminal.type('earlier\rshort');
    for (const columns of [20, 12, 80, 9, 40]) await terminal.resize(columns);
    expect(terminal.lines).toEqual(['> earlier', '> short']);
    expect(terminal.cursor).toEqual([1, 7]);
  });

  it('goes on when it does not say where its cursor is', async () => {
    const { terminal, context, sent } = await desk({ columns: 30 });
    await terminal.type('a line that is not so short');
    terminal.answers = false;
    await terminal.resize(20);
    await terminal.type('!');
    context.clock.advance(1000);
    await terminal.type('?\r');
    expect(sent).toEqual(['a line that is not so short!?']);
  });

  it('is left for Ctrl-Z, and drawn anew after', async () => {
    const { terminal } = await desk();
    await terminal.type('half\u001a');
    expect(terminal.events).toEqual(['suspend']);
    expect(terminal.cursor).toEqual([1, 0]);
    terminal.write('[1]+ Stopped\n$ fg\n');
    await terminal.continue();
    expect(terminal.lines).toEqual(['> half', '[1]+ Stopped', '$ fg', '> half']);
  });

  it('is cleared by Ctrl-L, but for the line', async () => {
    const { terminal } = await desk();
    await terminal.type('one\rtwo\u000c');
    expect(terminal.lines.at(-1)).toBe('> two');
    expect(terminal.cursor[1]).toBe(5);
  });

  it('too narrow for the prompt has a short one', async () => {
    const { terminal } = await desk({ columns: 3 });
    await terminal.type('ab');
    expect(terminal.lines).toEqual(['> a', 'b']);
  });

  it('is left as it was', async () => {
    const { terminal, editor } = await desk();
    editor.close();
    expect(terminal.isOpen).toBe(false);
  });
});

it('has no colours where none are wanted, and some where they are', async () => {
  const { terminal } = await desk();
  await terminal.type('x');
  expect(terminal.writes.join('')).not.toMatch(/\u001b\[\d*m/);
});
