import { didYouMean } from '../settings/nearest.ts';
import { OPERATIONS } from './list.ts';

/** The form of a request's body: `either` is JSON, or a form where it carries files. */
export type BodyKind = 'none' | 'json' | 'form' | 'either';

/** One of the API's operations. */
export interface Operation {
  readonly method: string;
  /** With places to fill in: `/files/{file_id}`. */
  readonly path: string;
  readonly body: BodyKind;
  /** It takes an admin key. */
  readonly isAdmin: boolean;
  /** It gives a list, page by page. */
  readonly hasPages: boolean;
  readonly canStream: boolean;
}

const KINDS: Readonly<Record<string, BodyKind>> = { json: 'json', form: 'form', either: 'either' };

/** Every operation that OpenAI's document names. */
export function allOperations(): Operation[] {
  return OPERATIONS.trimEnd()
    .split('\n')
    .map((line) => {
      const [method = '', path = '', body = '', ...marks] = line.split(' ');
      return {
        method,
        path,
        body: KINDS[body] ?? 'none',
        isAdmin: marks.includes('admin'),
        hasPages: marks.includes('pages'),
        canStream: marks.includes('stream'),
      };
    });
}

/** What is known of a request's path and method. */
export type Known =
  | { readonly operation: Operation }
  /** What the user may have meant instead, as one sentence. */
  | { readonly operation: undefined; readonly hint: string };

/**
 * Looks an operation up.
 * @param path without its query
 */
export function findOperation(method: string, path: string): Known {
  const operations = allOperations();
  const here = operations.filter(({ path: template }) => patternOf(template).test(path));
  // A path without places goes before one with them: /chat/completions before /chat/{id}.
  here.sort((a, b) => placesIn(a.path) - placesIn(b.path));
  const operation = here.find((known) => known.method === method);
  if (operation !== undefined) return { operation };
  if (here.length > 0) {
    const methods = [...new Set(here.map((known) => known.method))];
    return { operation: undefined, hint: `${path} takes ${methods.join(' and ')}, by OpenAI's document` };
  }
  const paths = [...new Set(operations.map(({ path: template }) => template))];
  const near = didYouMean(path, paths) || didYouMean(firstPart(path), paths);
  return { operation: undefined, hint: `OpenAI's document has no path ${path}${near}` };
}

function firstPart(path: string): string {
  return `/${path.split('/')[1] ?? ''}`;
}

function placesIn(path: string): number {
  return path.split('{').length - 1;
}

function patternOf(template: string): RegExp {
  const [path = ''] = template.split('?');
  const parts = path.split(/\{[^}]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
