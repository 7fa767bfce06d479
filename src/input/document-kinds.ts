import { extname } from 'node:path';

/** Kinds of files that the API searches, by the ends of their names (OpenAI's guide to file search, "Supported files"). */
export const DOCUMENT_KINDS: readonly string[] =
  '.c .cpp .cs .css .doc .docx .go .html .java .js .json .md .pdf .php .pptx .py .rb .sh .tex .ts .txt'.split(
    ' ',
  );

/** The end of a file's name, as kinds are told by it: `.md`; empty where it has none. */
export function documentKind(name: string): string {
  return extname(name).toLowerCase();
}
