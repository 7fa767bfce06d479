import { inflateSync } from 'node:zlib';

/** What is seen of a PDF. */
export interface SeenPdf {
  readonly pages: number;
  /** As far as it is told without fonts: nothing of what is scanned, or in a script of its own. */
  readonly text: string;
}

/** The most bytes of a PDF that are looked into. */
const LOOKED_INTO = 4 * 1024 * 1024;

/** Whether bytes are a PDF: ISO 32000-1, 7.5.2; readers take up to 1,024 bytes before it (appendix H.3). */
export function isPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 1024)).includes('%PDF-');
}

/** Looks at the pages and the plain text of a PDF: enough for what tools make in a test, and no reader of PDF. */
export function seePdf(bytes: Uint8Array): SeenPdf {
  const file = Buffer.from(bytes.subarray(0, LOOKED_INTO)).toString('latin1');
  const contents = [...file.matchAll(/stream\r?\n([\s\S]*?)\r?\n?endstream/g)].map(([, data = '']) =>
    inflated(data),
  );
  const all = [file, ...contents];
  const pages = all.reduce(
    (count, text) => count + (text.match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length ?? 0),
    0,
  );
  const text = contents
    .map(shownIn)
    .filter((shown) => shown !== '')
    .join(' ');
  return { pages: Math.max(1, pages), text };
}

/** The data of a stream; as it stands where it is not compressed with Flate. */
function inflated(data: string): string {
  try {
    return inflateSync(Buffer.from(data, 'latin1'), { maxOutputLength: LOOKED_INTO }).toString('latin1');
  } catch {
    return data;
  }
}

/** The strings that the operators `Tj`, `TJ`, `'` and `"` show (ISO 32000-1, 9.4.3). */
function shownIn(content: string): string {
  const texts = content.matchAll(/\[((?:[^\]\\]|\\.)*)\]\s*TJ|(\((?:[^()\\]|\\.)*\))\s*(?:Tj|'|")/g);
  return [...texts]
    .map(([, list, one = '']) => stringsIn(list ?? one))
    .join(' ')
    .trim();
}

function stringsIn(text: string): string {
  return [...text.matchAll(/\(((?:[^()\\]|\\.)*)\)/g)]
    .map(([, string = '']) => string.replace(/\\([()\\])/g, '$1'))
    .join('');
}
