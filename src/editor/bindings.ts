import type { EditBuffer } from './buffer.ts';

/** What changes the text, or moves the cursor in it. */
export type Editing =
  | 'newLine'
  | Exclude<keyof EditBuffer, 'text' | 'cursor' | 'set' | 'reset' | 'insert' | 'replace' | 'moveTo'>;

/** What the keys of emacs and of shells do to the text. */
export const EDITING: Readonly<Record<string, Editing>> = {
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

/** Keys that go from row to row, and beyond the text through what was typed before. */
export const VERTICAL: Readonly<Record<string, -1 | 1>> = { up: -1, 'ctrl-p': -1, down: 1, 'ctrl-n': 1 };
