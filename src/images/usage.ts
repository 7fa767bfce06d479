import { isObject, type JsonObject } from '../json.ts';

/** Tokens that a request used, as the API tells them: numbers, some of them in groups. */
export type Usage = JsonObject;

/** The usage of several requests as that of one; undefined where none told it. */
export function summed(usages: readonly (Usage | undefined)[]): Usage | undefined {
  return usages.reduce<Usage | undefined>(
    (sum, usage) => (sum === undefined || usage === undefined ? (sum ?? usage) : added(sum, usage)),
    undefined,
  );
}

function added(left: Usage, right: Usage): Usage {
  const sum: Usage = { ...left };
  for (const [name, value] of Object.entries(right)) {
    const other = sum[name];
    if (typeof value === 'number') sum[name] = (typeof other === 'number' ? other : 0) + value;
    else if (isObject(value)) sum[name] = added(isObject(other) ? other : {}, value);
  }
  return sum;
}

/** What is said of it on stderr; nothing where it is not told in tokens. */
export function usageLine(usage: Usage): string {
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
  if (typeof total !== 'number') return '';
  const parts = [tokens(input, 'in'), tokens(output, 'out')].filter((part) => part !== '').join(', ');
  return `${total} tokens${parts === '' ? '' : `: ${parts}`}`;
}

function tokens(count: unknown, name: string): string {
  return typeof count === 'number' ? `${count} ${name}` : '';
}
