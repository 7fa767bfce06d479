import { endsAtOnce } from './block-starts.ts';
import type { BlockListener, Container, Leaf } from './blocks.ts';
import { type LineContent, type LinePlan, planLine } from './line-plan.ts';

/** A line of which so many characters tell nothing is looked at again when it is complete. */
const LONGEST_LOOK = 200;

/**
 * Tells the blocks of a Markdown text that comes in pieces, each as early as it is certain. What is told does not
 * depend on how the text was cut.
 */
export class BlockParser {
  readonly #listener: BlockListener;
  readonly #containers: Container[] = [];
  #leaf: Leaf | undefined;
  #tableHead: string | undefined;
  /** What came of the line and is not told yet. */
  #line = '';
  /** The rest of the line is text of the leaf. */
  #flows = false;
  /** The line can be read when it is complete. */
  #waits = false;
  /** The line break behind the last line of a paragraph, which is told when another line follows. */
  #lineBreak = '';
  #isFirstLiteral = true;
  #innerFences = 0;

  constructor(listener: BlockListener) {
    this.#listener = listener;
  }

  push(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#add(text.slice(from, end), true);
      from = end + 1;
    }
    if (from < text.length) this.#add(text.slice(from), false);
  }

  /** The text ends: what is open ends with it. */
  end(): void {
    if (this.#line !== '' || this.#flows) this.#add('', true, '');
    this.#flushTableHead();
    this.#closeTo(0);
  }

  #add(piece: string, complete: boolean, lineBreak = '\n'): void {
    if (this.#waits && !complete) {
      this.#line += piece;
      return;
    }
    let text = this.#line + piece;
    this.#line = '';
    // A carriage return is part of a line break, if one follows.
    const hasReturn = text.endsWith('\r') && lineBreak !== '';
    if (hasReturn) text = text.slice(0, -1);
    const end = complete && hasReturn ? '\r\n' : lineBreak;

    if (this.#flows) this.#flow(text, complete, end);
    else this.#start(text, complete, end);
    if (complete) {
      this.#flows = false;
      this.#waits = false;
    } else if (hasReturn) {
      this.#line += '\r';
    }
  }

  #start(line: string, complete: boolean, lineBreak: string): void {
    const plan = planLine(line, complete, {
      containers: this.#containers,
      leaf: this.#leaf,
      innerFences: this.#innerFences,
      tableHead: this.#tableHead,
    });
    if (typeof plan === 'object') {
      this.#carryOut(plan, { complete, lineBreak });
    } else {
      this.#line = line;
      this.#waits = plan === 'whole' || line.length > LONGEST_LOOK;
    }
  }

  #carryOut(
    { matched, entered, content }: LinePlan,
    { complete, lineBreak }: { complete: boolean; lineBreak: string },
  ): void {
    if (content.kind !== 'table') this.#flushTableHead();
    if (matched < this.#containers.length) this.#closeTo(matched);
    for (const container of entered) {
      this.#endLeaf(true);
      this.#containers.push(container);
      this.#listener.enter(container);
    }
    // The rest of the line of an item without text is no blank line.
    if (content.kind !== 'blank' || entered.length === 0) this.#show(content);
    if (content.kind !== 'leaf' && content.kind !== 'innerFence') return;
    this.#flows = true;
    this.#flow(content.text, complete, lineBreak);
  }

  #show(content: LineContent): void {
    switch (content.kind) {
      case 'blank':
        this.#endLeaf(true);
        this.#listener.blank();
        break;
      case 'rule':
        this.#endLeaf(true);
        this.#listener.rule();
        break;
      case 'underline':
        this.#endLeaf(true);
        this.#listener.underline(content.level);
        break;
      case 'tableHead':
        this.#tableHead = content.text;
        break;
      case 'table':
        this.#beginTable({ kind: 'table', align: content.align });
        break;
      case 'row':
        this.#listener.text(`${content.text}\n`);
        break;
      case 'fence':
        this.#begin(content.leaf);
        break;
      case 'closingFence':
        this.#endLeaf(true);
        break;
      case 'innerFence':
        this.#innerFences += content.step;
        break;
      case 'leaf':
        if (!content.goesOn || this.#leaf === undefined) this.#begin(content.leaf);
    }
  }

  #begin(leaf: Leaf): void {
    this.#endLeaf(true);
    this.#leaf = leaf;
    this.#listener.begin(leaf);
  }

  #beginTable(leaf: Leaf): void {
    const head = this.#tableHead ?? '';
    this.#tableHead = undefined;
    this.#begin(leaf);
    this.#listener.text(`${head}\n`);
  }

  /** The line that could have been the header of a table is a line of a paragraph. */
  #flushTableHead(): void {
    if (this.#tableHead === undefined) return;
    const text = this.#tableHead;
    this.#tableHead = undefined;
    if (this.#leaf?.kind !== 'paragraph') this.#begin({ kind: 'paragraph' });
    this.#tell(text);
    this.#lineBreak = '\n';
  }

  /** Text of the leaf. */
  #flow(text: string, complete: boolean, lineBreak: string): void {
    const leaf = this.#leaf;
    if (leaf === undefined) return;
    this.#tell(text);
    if (!complete) return;
    // Whether a paragraph has another line is not known yet; code and the like have a break behind each line.
    if (leaf.kind === 'paragraph') this.#lineBreak = '\n';
    else if (leaf.kind === 'heading') this.#endLeaf(true);
    else this.#tell(lineBreak);
    if (leaf.kind === 'literal') this.#endLiteral(leaf, text);
  }

  #tell(text: string): void {
    if (text === '') return;
    const whole = this.#leaf?.kind === 'paragraph' ? this.#lineBreak + text : text;
    this.#lineBreak = '';
    this.#listener.text(whole);
  }

  #endLiteral({ until }: Leaf & { kind: 'literal' }, line: string): void {
    if (until === undefined) return;
    const isFirst = this.#isFirstLiteral;
    this.#isFirstLiteral = false;
    const isEnd = isFirst && !until.startsWith('<') ? endsAtOnce(line, until) : line.includes(until);
    if (isEnd) this.#endLeaf(true);
  }

  #closeTo(count: number): void {
    this.#endLeaf(false);
    while (this.#containers.length > count) {
      this.#containers.pop();
      this.#listener.leave();
    }
  }

  /** @param closed fenced code was closed; what is no fenced code always is */
  #endLeaf(closed: boolean): void {
    const leaf = this.#leaf;
    if (leaf === undefined) return;
    this.#leaf = undefined;
    this.#lineBreak = '';
    this.#isFirstLiteral = true;
    this.#innerFences = 0;
    this.#listener.end(closed || leaf.kind !== 'code' || leaf.fence === undefined);
  }
}
