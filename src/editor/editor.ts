import { Chalk, type ChalkInstance } from 'chalk';
import type { Context, Terminal, TerminalListener, Timer } from '../context.ts';
import { reasonOf } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';
import { asTyped, atEnter, type Written } from './blocks.ts';
import { EditBuffer } from './buffer.ts';
import { Choice } from './choice.ts';
import { type Complete, commonStart } from './completion.ts';
import { fitted, Widths } from './graphemes.ts';
import { HistorySearch } from './history-search.ts';
import type { InputHistory } from './input-history.ts';
import { type Key, KeyReader } from './keys.ts';
import { Layout, type Place, type Prefix, type Row } from './layout.ts';
import { type DrawnRow, Screen } from './screen.ts';

/** An Escape that nothing follows for this many ms is the key, not the beginning of another. */
const ESCAPE_MS = 40;
/** How long the terminal may take to say where its cursor is, in ms. */
const ANSWER_MS = 150;
/** Characters that the terminal is asked about at once. */
const ASKED_AT_ONCE = 8;
const WHERE_IS_THE_CURSOR = '\u001b[6n';
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/** A prompt that takes more of the line than this share is cut to a sign. */
const LONGEST_PROMPT = 0.7;

/** Lines of suggestions that are shown at once. */
const SUGGESTIONS = 10;

export interface EditorOptions {
  readonly history: InputHistory;
  readonly complete: Complete;
  /** Lets the person write elsewhere (Ctrl-O). @throws when that fails */
  readonly writeElsewhere: (text: string) => Promise<string>;
}

/** What changes the text, or moves the cursor in it. */
type Editing =
  | 'newLine'
  | Exclude<keyof EditBuffer, 'text' | 'cursor' | 'set' | 'reset' | 'insert' | 'replace' | 'moveTo'>;

/** What the keys of emacs and of shells do to the text. */
const EDITING: Readonly<Record<string, Editing>> = {
  left: 'left',
  'ctrl-b': 'left',
  right: 'right',
  'ctrl-f': 'right',
  home: 'home',
  'ctrl-a': 'home',
  end: 'end',
  'ctrl-e': 'end',
  'ctrl-left': 'wordLeft',
  'alt-left': 'wordLeft',
  'alt-b': 'wordLeft',
  'ctrl-right': 'wordRight',
  'alt-right': 'wordRight',
  'alt-f': 'wordRight',
  backspace: 'deleteLeft',
  'shift-backspace': 'deleteLeft',
  'ctrl-h': 'deleteLeft',
  delete: 'deleteRight',
  'ctrl-d': 'deleteRight',
  'ctrl-w': 'cutBlankLeft',
  'alt-backspace': 'cutWordLeft',
  'alt-ctrl-h': 'cutWordLeft',
  'ctrl-backspace': 'cutWordLeft',
  'alt-d': 'cutWordRight',
  'ctrl-delete': 'cutWordRight',
  'alt-delete': 'cutWordRight',
  'ctrl-k': 'cutToEnd',
  'ctrl-u': 'cutToStart',
  'ctrl-y': 'yank',
  'ctrl-t': 'transpose',
  'ctrl-_': 'undo',
  'ctrl-j': 'newLine',
  'alt-enter': 'newLine',
  'alt-ctrl-j': 'newLine',
  'shift-enter': 'newLine',
  'ctrl-enter': 'newLine',
};

const VERTICAL: Readonly<Record<string, -1 | 1>> = { up: -1, 'ctrl-p': -1, down: 1, 'ctrl-n': 1 };

/**
 * The line on which a person writes. It has the terminal for the whole session: what is typed while nobody reads is
 * kept for the next line, but for Ctrl-C, which is told at once.
 */
export class LineEditor {
  readonly #context: Context;
  readonly #options: EditorOptions;
  readonly #style: ChalkInstance;
  readonly #keys = new KeyReader();
  readonly #widths = new Widths();
  readonly #layout = new Layout(this.#widths);
  readonly #buffer = new EditBuffer();
  readonly #terminal: Terminal;
  readonly #screen: Screen;
  #escape: Timer | undefined;
  /** Keys for which nobody was there. */
  #ahead: Key[] = [];
  /** Characters whose width was asked for, in this order; undefined asks for the cursor after a resize. */
  #asked: (string | undefined)[] = [];
  /** What is waited for before the next key counts. */
  #busy = false;
  #resizing: Timer | undefined;
  /** By Ctrl-Z: the terminal is the shell's. */
  #stopped = false;
  #reading: ((written: Written | undefined) => void) | undefined;
  #gone = false;
  #prompt = '';
  /** The first row that is shown, when not all fit. */
  #top = 0;
  /** Where the cursor would be in a longer row, and how far that one was indented. */
  #goal: { readonly column: number; readonly indent: number } | undefined;
  /** Index in the history of what is shown; its length is what is being written. */
  #recalled = 0;
  #draft = '';
  /** The text came in several lines from elsewhere. */
  #pasted = false;
  /** The text was there when the line began, and was not cleared since. */
  #isDraft = false;
  #note = '';
  #choice: Choice | undefined;
  #search: HistorySearch | undefined;

  /** Called on Ctrl-C while nobody reads. */
  onInterrupt: () => void = () => {};

  private constructor(context: Context, terminal: Terminal, options: EditorOptions) {
    this.#context = context;
    this.#terminal = terminal;
    this.#screen = new Screen(terminal);
    this.#options = options;
    const color = !context.env['NO_COLOR'] && context.stderr.color;
    this.#style = new Chalk({ level: color ? 1 : 0 });
  }

  /** @returns undefined where there is no terminal */
  static async open(context: Context, options: EditorOptions): Promise<LineEditor | undefined> {
    let listener: TerminalListener | undefined;
    const terminal = await context.openTerminal({
      input: (text) => listener?.input(text),
      resized: () => listener?.resized(),
      continued: () => listener?.continued(),
      ended: () => listener?.ended(),
    });
    if (terminal === undefined) return undefined;
    const editor = new LineEditor(context, terminal, options);
    listener = editor.#listener;
    return editor;
  }

  readonly #listener: TerminalListener = {
    input: (text) => this.#hear(text),
    resized: () => this.#resized(),
    continued: () => this.#continued(),
    ended: () => this.#ended(),
  };

  /**
   * Lets the person write.
   * @param prompt stands before it
   * @param text stands there already
   * @returns undefined when there is nothing more to come: Ctrl-D, or the terminal is gone
   */
  read(prompt: string, text = ''): Promise<Written | undefined> {
    if (this.#gone) return Promise.resolve(undefined);
    this.#prompt = prompt;
    this.#begin(text);
    const written = new Promise<Written | undefined>((resolve) => {
      this.#reading = resolve;
    });
    this.#draw();
    this.#catchUp();
    return written;
  }

  /** Leaves the terminal as it was. */
  close(): void {
    this.#escape?.cancel();
    this.#resizing?.cancel();
    this.#ended();
    this.#terminal.close();
  }

  #begin(text: string): void {
    this.#buffer.reset(text);
    this.#top = 0;
    this.#goal = undefined;
    this.#recalled = this.#options.history.length;
    this.#draft = '';
    this.#pasted = false;
    this.#isDraft = text !== '';
    this.#note = '';
    this.#choice = undefined;
    this.#search = undefined;
    this.#screen.forget();
  }

  #hear(text: string): void {
    this.#escape?.cancel();
    for (const key of this.#keys.push(text)) this.#take(key);
    if (this.#keys.isWaiting) {
      this.#escape = this.#context.clock.timer(ESCAPE_MS, () => {
        for (const key of this.#keys.flush()) this.#take(key);
        this.#redraw();
      });
    }
    this.#redraw();
  }

  #take(key: Key): void {
    this.#stopped = false;
    if (key.id === 'position') this.#positionSaid(key.column ?? 1);
    else if (this.#reading !== undefined && !this.#busy) this.#press(key);
    else if (key.id === 'ctrl-z') this.#suspend();
    else if (key.id === 'ctrl-c') this.#interrupt();
    else this.#ahead.push(key);
  }

  /** Ctrl-C while nobody reads: what was typed ahead is not meant any more. */
  #interrupt(): void {
    this.#ahead = [];
    if (this.#reading === undefined) this.onInterrupt();
  }

  /** Keys that were pressed before somebody was there. */
  #catchUp(): void {
    while (this.#ahead.length > 0 && this.#reading !== undefined && !this.#busy) {
      const key = this.#ahead.shift();
      if (key !== undefined) this.#press(key);
    }
    this.#redraw();
  }

  #press(key: Key): void {
    this.#note = '';
    if (this.#search !== undefined && this.#pressInSearch(key, this.#search)) return;
    if (this.#choice !== undefined && this.#pressInChoice(key, this.#choice)) return;
    const { id, text } = key;
    const isVertical = VERTICAL[id] !== undefined;
    if (!isVertical) this.#goal = undefined;
    if (id === 'text') this.#buffer.insert(text);
    else if (id === 'paste') this.#paste(text);
    else if (isVertical) this.#vertical(VERTICAL[id] ?? 1);
    else if (id === 'ctrl-d' && this.#buffer.text === '') this.#finish(undefined);
    else if (EDITING[id] !== undefined) this.#edit(EDITING[id]);
    else this.#commands[id]?.();
  }

  /** Keys that do more than to change the text. */
  readonly #commands: Readonly<Record<string, () => void>> = {
    enter: () => this.#enter(),
    tab: () => this.#complete(),
    'ctrl-c': () => this.#clear(),
    'ctrl-l': () => this.#clearScreen(),
    'ctrl-o': () => this.#writeElsewhere(),
    'ctrl-r': () => {
      this.#search = new HistorySearch(this.#options.history);
    },
    'ctrl-z': () => this.#suspend(),
  };

  #edit(name: Editing): void {
    if (name === 'newLine') this.#buffer.insert('\n');
    else this.#buffer[name]();
    if (this.#buffer.text === '') this.#isNew();
  }

  /** Nothing of what was there is there any more. */
  #isNew(): void {
    this.#pasted = false;
    this.#isDraft = false;
  }

  #paste(text: string): void {
    const isFirst = this.#buffer.text === '';
    if (isFirst) this.#pasted = text.includes('\n');
    // What ends with a line break is no less whole without it.
    this.#buffer.insert(isFirst ? text.replace(/\n+$/, '') : text);
  }

  #enter(): void {
    const { text } = this.#buffer;
    const meant = atEnter(text, this.#pasted);
    if (meant === 'new line') this.#buffer.insert('\n');
    else if (meant === 'backslash') this.#buffer.set(`${text.slice(0, -1)}\n`);
    else this.#finish(meant);
  }

  /** On a line with text Ctrl-C clears it (Ctrl-Y brings it back); on an empty one it says how to leave. */
  #clear(): void {
    if (this.#buffer.text === '') this.#note = 'Ctrl-D or /exit leaves';
    this.#buffer.cutAll();
    this.#isNew();
    this.#recalled = this.#options.history.length;
  }

  #clearScreen(): void {
    this.#terminal.write(CLEAR_SCREEN);
    this.#screen.forget();
  }

  #finish(written: Written | undefined): void {
    const done = this.#reading;
    this.#choice = undefined;
    this.#note = '';
    this.#drawLast();
    this.#reading = undefined;
    if (written !== undefined) {
      this.#options.history.add(asTyped(written), (problem) => warn(this.#context, problem));
    }
    done?.(written === undefined ? undefined : { ...written, isDraft: this.#isDraft });
  }

  /** Up and down go from row to row, and beyond the first and the last through what was typed before. */
  #vertical(step: -1 | 1): void {
    const rows = this.#rows();
    const { text, cursor } = this.#buffer;
    const place = this.#layout.place(rows, text, cursor);
    const target = rows[place.row + step];
    if (target === undefined) {
      this.#goal = undefined;
      this.#recall(this.#recalled + step);
    } else {
      const indent = rows[place.row]?.prefix.width ?? 0;
      this.#goal ??= { column: place.column, indent };
      // Where both begin a line, what stands before them does not count.
      const shift =
        this.#goal.indent > 0 && target.prefix.width > 0 ? target.prefix.width - this.#goal.indent : 0;
      this.#buffer.moveTo(this.#layout.offset(target, text, this.#goal.column + shift));
    }
  }

  #recall(index: number): void {
    const { history } = this.#options;
    if (index < 0 || index > history.length) return;
    if (this.#recalled === history.length) this.#draft = this.#buffer.text;
    this.#recalled = index;
    this.#isNew();
    this.#buffer.set(index === history.length ? this.#draft : (history.at(index) ?? ''));
  }

  /** @returns whether that was all that the key does: one that ends a search does what it does elsewhere */
  #pressInSearch(key: Key, search: HistorySearch): boolean {
    const step = search.press(key);
    if (step === 'on') return true;
    this.#search = undefined;
    if (step === 'taken' && search.found !== undefined) this.#recall(search.found);
    return step === 'given up' || key.id === 'escape' || key.id === 'tab';
  }

  /** @returns whether that was all that the key does: one that ends the choice does what it does elsewhere */
  #pressInChoice({ id }: Key, choice: Choice): boolean {
    const step = ({ tab: 1, down: 1, 'shift-tab': -1, up: -1 } as const)[id];
    if (step !== undefined) {
      choice.step(step);
      this.#buffer.replace(choice.start, this.#buffer.cursor, choice.chosen?.text ?? '');
      return true;
    }
    this.#choice = undefined;
    if (id === 'escape') this.#buffer.set(choice.typed, choice.cursor);
    return id === 'escape' || (id === 'enter' && choice.chosen !== undefined);
  }

  #complete(): void {
    const { text, cursor } = this.#buffer;
    void this.#meanwhile(async () => {
      const found = await this.#options.complete(text, cursor);
      if (found === undefined || found.suggestions.length === 0) return;
      const { start, end, suggestions } = found;
      const common = commonStart(suggestions);
      if (suggestions.length === 1 || common.length > end - start) this.#buffer.replace(start, end, common);
      if (suggestions.length === 1) return;
      this.#choice = new Choice(suggestions, start, this.#buffer.text, this.#buffer.cursor);
    });
  }

  #writeElsewhere(): void {
    const { text } = this.#buffer;
    void this.#meanwhile(async () => {
      this.#screen.erase();
      this.#terminal.pause();
      try {
        const written = (await this.#options.writeElsewhere(text)).replace(/\n+$/, '');
        this.#buffer.set(written);
        this.#pasted = written.includes('\n');
      } finally {
        this.#terminal.resume();
        this.#screen.forget();
      }
    });
  }

  /** Does what takes time: keys that are pressed meanwhile wait. */
  async #meanwhile(work: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await work();
    } catch (error) {
      this.#note = reasonOf(error);
    }
    this.#busy = false;
    this.#draw();
    this.#catchUp();
  }

  #suspend(): void {
    this.#redraw();
    this.#screen.leave();
    this.#stopped = true;
    this.#terminal.suspend();
  }

  #continued(): void {
    this.#stopped = false;
    this.#screen.forget();
    this.#redraw();
  }

  #ended(): void {
    this.#gone = true;
    if (this.#reading !== undefined) this.#screen.leave();
    const done = this.#reading;
    this.#reading = undefined;
    done?.(undefined);
  }

  /** A terminal that has become narrower has broken lines anew, or cut them off: its cursor tells which. */
  #resized(): void {
    if (this.#reading === undefined) return;
    if (this.#screen.hasOutgrown(this.#terminal.columns)) this.#askWhereItIs();
    else if (this.#resizing === undefined) this.#drawAnew();
  }

  #drawAnew(): void {
    this.#screen.erase();
    this.#redraw();
  }

  #askWhereItIs(): void {
    this.#resizing?.cancel();
    this.#asked.push(undefined);
    this.#busy = true;
    this.#resizing = this.#context.clock.timer(ANSWER_MS, () => this.#afterResize(undefined));
    this.#terminal.write(WHERE_IS_THE_CURSOR);
  }

  #afterResize(column: number | undefined): void {
    this.#resizing?.cancel();
    this.#resizing = undefined;
    const { columns } = this.#terminal;
    const before = this.#screen.cursor.column;
    const wraps = column !== undefined && before >= columns && column - 1 === before % columns;
    this.#screen.eraseWrapped(columns, wraps);
    this.#busy = false;
    this.#draw();
    this.#catchUp();
  }

  /** The terminal says where its cursor is: behind the character that was drawn at the left edge, or after a resize. */
  #positionSaid(column: number): void {
    if (this.#asked.length === 0) return;
    const grapheme = this.#asked.shift();
    if (grapheme === undefined) {
      // Of several resizes in a row the last one counts.
      if (this.#resizing !== undefined && !this.#asked.includes(undefined)) this.#afterResize(column);
      return;
    }
    this.#widths.learn(grapheme, column - 1);
  }

  #redraw(): void {
    if (!this.#busy && !this.#stopped) this.#draw();
  }

  #draw(): void {
    if (this.#reading === undefined) return;
    const below = [...this.#suggestionRows(), ...this.#noteRows()];
    const rows = this.#rows();
    const { row, column } = this.#cursorPlace(rows);
    const room = Math.max(1, this.#terminal.rows - below.length);
    this.#top = Math.max(Math.min(this.#top, row, Math.max(0, rows.length - room)), row - room + 1);
    const shown = rows.slice(this.#top, this.#top + room).map(drawn);
    this.#screen.draw([...shown, ...below], { row: row - this.#top, column }, this.#questions());
  }

  /** What was written stays on the screen, but for the middle of what is longer than it. */
  #drawLast(): void {
    const rows = this.#rows();
    const room = Math.max(1, this.#terminal.rows - 1);
    const shown = rows.slice(0, rows.length > room ? room - 1 : room).map(drawn);
    if (rows.length > room) {
      shown.push(
        this.#row(`… ${(rows.length - shown.length).toLocaleString('en-US')} more lines`, this.#style.dim),
      );
    }
    this.#screen.draw(shown, { row: shown.length - 1, column: 0 });
    this.#screen.leave();
  }

  /** Draws each character that the terminal has to be asked about at the left edge, and asks where its cursor went. */
  #questions(): string {
    const doubtful = this.#widths
      .doubtful(this.#prompt + this.#shownText)
      .filter((one) => !this.#asked.includes(one));
    const now = doubtful.slice(0, ASKED_AT_ONCE);
    this.#asked.push(...now);
    return now.map((grapheme) => `\r${grapheme}${WHERE_IS_THE_CURSOR}`).join('');
  }

  #rows(): readonly Row[] {
    const prefix = this.#search === undefined ? this.#promptPrefix : this.#searchPrefix(this.#search);
    return this.#layout.rows(this.#shownText, this.#terminal.columns, prefix, CONTINUED);
  }

  get #shownText(): string {
    return this.#search?.match?.text ?? this.#buffer.text;
  }

  #cursorPlace(rows: readonly Row[]): Place {
    const at = this.#search?.match?.at ?? this.#buffer.cursor;
    return this.#layout.place(rows, this.#shownText, at);
  }

  #searchPrefix(search: HistorySearch): Prefix {
    return this.#prefix(search.prompt, this.#style.yellow);
  }

  get #promptPrefix(): Prefix {
    return this.#prefix(this.#prompt, this.#style.cyan);
  }

  /** A prompt that would take most of the line is a short one. */
  #prefix(text: string, paint: (text: string) => string): Prefix {
    const safe = inertText(text);
    const width = this.#widths.width(safe);
    return width > this.#terminal.columns * LONGEST_PROMPT
      ? { shown: paint('> '), width: 2 }
      : { shown: paint(safe), width };
  }

  #suggestionRows(): DrawnRow[] {
    const { columns, rows } = this.#terminal;
    const room = Math.max(1, Math.min(SUGGESTIONS, rows - 4));
    const lines = this.#choice?.lines(room, columns, this.#widths) ?? [];
    return lines.map(({ text, isChosen }) =>
      this.#row(text, isChosen ? this.#style.inverse : this.#style.dim),
    );
  }

  #noteRows(): DrawnRow[] {
    if (this.#note === '') return [];
    return [this.#row(fitted(this.#note, this.#terminal.columns, this.#widths), this.#style.dim)];
  }

  #row(text: string, paint: (text: string) => string): DrawnRow {
    return { text: paint(text), width: this.#widths.width(text) };
  }
}

/** Before each line of a text that follows the first. */
const CONTINUED: Prefix = { shown: '  ', width: 2 };

function drawn({ prefix, shown, width }: Row): DrawnRow {
  return { text: prefix.shown + shown, width };
}
