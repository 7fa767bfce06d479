import type { ResponseAnnotation, ResponseOutputItem } from '../api/responses.ts';
import type { Context } from '../context.ts';
import { inertText } from '../output/terminal.ts';
import { annotationsIn } from './parts.ts';

/** A source that the text cites. */
export interface Citation {
  readonly title: string;
  /** Absent for a file. */
  readonly url?: string;
}

/** What items of responses cite, each once, in the order of the text. */
export function citationsOf(items: readonly ResponseOutputItem[]): Citation[] {
  const found = new Map<string, Citation>();
  for (const annotation of annotationsIn(items)) {
    const citation = citationIn(annotation);
    if (citation !== undefined) found.set(citation.url ?? citation.title, citation);
  }
  return [...found.values()];
}

function citationIn(annotation: ResponseAnnotation): Citation | undefined {
  if (annotation.type === 'url_citation') return { title: annotation.title, url: annotation.url };
  return annotation.type === 'file_citation' ? { title: annotation.filename } : undefined;
}

/** Says on stderr what a text cites, as numbered links: stdout is the text alone. */
export function sayCitations(items: readonly ResponseOutputItem[], { stderr, verbosity }: Context): void {
  if (verbosity === 'quiet') return;
  for (const [index, { title, url }] of citationsOf(items).entries()) {
    const line = `[${index + 1}] ${title}${url === undefined ? '' : ` ${url}`}`;
    stderr.write(`${inertText(line.replace(/\s+/g, ' '))}\n`);
  }
}
