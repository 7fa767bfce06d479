import { join } from 'node:path';
import type { Context } from '../context.ts';
import type { Written } from '../editor/blocks.ts';
import type { Complete } from '../editor/completion.ts';
import { LineEditor } from '../editor/editor.ts';
import { InputHistory } from '../editor/input-history.ts';
import { warn } from '../output/messages.ts';
import { dataFolder } from '../settings/paths.ts';
import type { LineSource } from './lines.ts';
import { writeElsewhere } from './write-elsewhere.ts';

/** What a person writes at the terminal. */
export class EditorLines implements LineSource {
  readonly isPerson = true;
  readonly #editor: LineEditor;

  private constructor(editor: LineEditor) {
    this.#editor = editor;
  }

  /**
   * @param isKept what is typed is there again in later sessions
   * @returns undefined where there is no terminal
   */
  static async open(context: Context, complete: Complete, isKept: boolean): Promise<EditorLines | undefined> {
    const folder = isKept ? dataFolder(context) : undefined;
    const path = folder === undefined ? undefined : join(folder, 'chat-input.jsonl');
    const editor = await LineEditor.open(context, {
      history: InputHistory.load(path, (problem) => warn(context, problem)),
      complete,
      writeElsewhere: (text) => writeElsewhere(text, context),
    });
    return editor === undefined ? undefined : new EditorLines(editor);
  }

  next(prompt: string, text?: string): Promise<Written | undefined> {
    this.#editor.onInterrupt = () => {};
    return this.#editor.read(prompt, text);
  }

  onInterrupt(stop: () => void): void {
    this.#editor.onInterrupt = stop;
  }

  close(): void {
    this.#editor.close();
  }
}
