import type { Context, Terminal, TerminalListener, Timer } from '../context.ts';
import { reasonOf } from '../errors.ts';
import { warn, withoutSecrets } from '../output/messages.ts';
import { EDITING, type Editing, VERTICAL } from './bindings.ts';
import { asTyped, atEnter, type Written } from './blocks.ts';
import { EditBuffer } from './buffer.ts';
import { Choice } from './choice.ts';
import { type Complete, commonStart } from './completion.ts';
import { HistorySearch } from './history-search.ts';
import type { InputHistory } from './input-history.ts';
import { type Key, KeyReader } from './keys.ts';
import { EditorView, type Shown } from './view.ts';

/** An Escape that nothing follows for this many ms is the key, not the beginning of another. */
const ESCAPE_MS = 40;
/** A paste of which nothing comes for this many ms has lost its end: what is typed then is heard as keys. */
const PASTE_MS = 1000;
/** How long the terminal may take to say where its cursor is, in ms. */
const ANSWER_MS = 150;

export interface EditorOptions {
  readonly history: InputHistory;
  readonly complete: Complete;
  /** Lets the person write elsewhere (Ctrl-O). @throws when that fails */
  readonly writeElsewhere: (text: string) => Promise<string>;
}

/**
 * The line on which a person writes. It has the terminal for the whole session: what is typed while nobody reads is
 * kept for the next line, but for Ctrl-C, which is told at once.
 */
export class LineEditor {
  readonly #context: Context;
  readonly #options: EditorOptions;
  readonly #keys = new KeyReader();
  readonly #buffer = new EditBuffer();
  readonly #terminal: Terminal;
  readonly #view: EditorView;
  #escape: Timer | undefined;
  /** Keys for which nobody was there. */
  #ahead: Key[] = [];
  /** How many things are waited for before the next key counts. */
  #busy = 0;
  #resizing: Timer | undefined;
  /** By Ctrl-Z: the terminal is the shell's. */
  #stopped = false;
  #reading: ((written: Written | undefined) => void) | undefined;
  #gone = false;
  #prompt = '';
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
    this.#view = new EditorView(terminal, !context.env['NO_COLOR'] && context.stderr.color);
    this.#options = options;
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
    this.#redraw();
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
    this.#recalled = this.#options.history.length;
    this.#draft = '';
    this.#pasted = false;
    this.#isDraft = text !== '';
    this.#note = '';
    this.#choice = undefined;
    this.#search = undefined;
    this.#view.begin();
  }

  #hear(text: string): void {
    this.#escape?.cancel();
    for (const key of this.#keys.push(text)) this.#take(key);
    if (this.#keys.isWaiting || this.#keys.isPasting) {
      const silence = this.#keys.isPasting ? PASTE_MS : ESCAPE_MS;
      this.#escape = this.#context.clock.timer(silence, () => {
        for (const key of this.#keys.flush()) this.#take(key);
        this.#redraw();
      });
    }
    this.#redraw();
  }

  #take(key: Key): void {
    this.#stopped = false;
    if (key.id === 'position') this.#answered(key.column ?? 1);
    else if (this.#reading !== undefined && this.#busy === 0) this.#press(key);
    else if (key.id === 'ctrl-z') this.#suspend();
    else if (key.id === 'ctrl-c') this.#interrupt();
    else this.#ahead.push(key);
  }

  /** The terminal says where its cursor is. */
  #answered(column: number): void {
    if (this.#view.answered(column)) this.#afterResize(column);
  }

  /** Ctrl-C while nobody reads: what was typed ahead is not meant any more. */
  #interrupt(): void {
    this.#ahead = [];
    if (this.#reading === undefined) this.onInterrupt();
  }

  /** Keys that were pressed before somebody was there. */
  #catchUp(): void {
    while (this.#ahead.length > 0 && this.#reading !== undefined && this.#busy === 0) {
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
    if (!isVertical) this.#view.forgetGoal();
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
    'ctrl-l': () => this.#view.clearScreen(),
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

  #finish(written: Written | undefined): void {
    const done = this.#reading;
    this.#choice = undefined;
    this.#note = '';
    this.#view.drawLast(this.#shown);
    this.#reading = undefined;
    if (written !== undefined) this.#remember(asTyped(written));
    done?.(written === undefined ? undefined : { ...written, isDraft: this.#isDraft });
  }

  /** A key that was typed, or pasted, is written nowhere. */
  #remember(text: string): void {
    const isSecret = withoutSecrets(text, this.#context.secrets) !== text;
    this.#options.history.add(text, (problem) => warn(this.#context, problem), !isSecret);
  }

  /** Up and down go from row to row, and beyond the first and the last through what was typed before. */
  #vertical(step: -1 | 1): void {
    const offset = this.#view.vertical(this.#shown, step);
    if (offset !== undefined) this.#buffer.moveTo(offset);
    else {
      this.#view.forgetGoal();
      this.#recall(this.#recalled + step);
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
      this.#view.erase();
      this.#terminal.pause();
      try {
        const written = (await this.#options.writeElsewhere(text)).replace(/\n+$/, '');
        this.#buffer.set(written);
        this.#pasted = written.includes('\n');
      } finally {
        this.#terminal.resume();
        this.#view.forget();
      }
    });
  }

  /** Does what takes time: keys that are pressed meanwhile wait. */
  async #meanwhile(work: () => Promise<void>): Promise<void> {
    this.#busy++;
    try {
      await work();
    } catch (error) {
      this.#note = reasonOf(error);
    }
    this.#busy--;
    this.#redraw();
    this.#catchUp();
  }

  #suspend(): void {
    this.#redraw();
    this.#view.leave();
    this.#stopped = true;
    this.#terminal.suspend();
  }

  #continued(): void {
    this.#stopped = false;
    this.#view.forget();
    this.#redraw();
  }

  #ended(): void {
    this.#gone = true;
    if (this.#reading !== undefined) this.#view.leave();
    const done = this.#reading;
    this.#reading = undefined;
    done?.(undefined);
  }

  /** The screen is drawn anew, at once or when the terminal has said where its cursor is. */
  #resized(): void {
    if (this.#reading === undefined) return;
    if (this.#view.resized()) this.#awaitPosition();
    else this.#redraw();
  }

  #awaitPosition(): void {
    if (this.#resizing === undefined) this.#busy++;
    this.#resizing?.cancel();
    this.#resizing = this.#context.clock.timer(ANSWER_MS, () => this.#afterResize(undefined));
  }

  #afterResize(column: number | undefined): void {
    if (this.#resizing === undefined) return;
    this.#resizing.cancel();
    this.#resizing = undefined;
    this.#busy--;
    this.#view.eraseOutgrown(column);
    this.#redraw();
    this.#catchUp();
  }

  #redraw(): void {
    if (this.#reading !== undefined && this.#busy === 0 && !this.#stopped) this.#view.draw(this.#shown);
  }

  get #shown(): Shown {
    const { match, prompt } = this.#search ?? {};
    return {
      prompt: prompt ?? this.#prompt,
      isSearch: this.#search !== undefined,
      text: match?.text ?? this.#buffer.text,
      cursor: match?.at ?? this.#buffer.cursor,
      choice: this.#choice,
      note: this.#note,
    };
  }
}
