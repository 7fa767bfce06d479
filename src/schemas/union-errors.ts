import type { ErrorObject } from 'ajv';

/** Whether an error says that a value fits no case of a union. */
export function isUnion({ keyword }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}

/**
 * Ajv reports what is wrong with a value by every case of a union, and then the union. Of these are told:
 *
 * - where something is wrong inside the value, that, and not that it is not null either: of the cases whose marks
 *   (a property with a `const` or an `enum`) the value has, or else what the marks may be;
 * - where the value itself is of no right kind, the union alone.
 * @param errors made with Ajv's `verbose`
 */
export function withoutUnionNoise(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter(isUnion);
  const told = unions.reduce<readonly ErrorObject[]>((left, union) => withoutNoiseOf(union, left), errors);
  return told.length > 0 ? withMergedChoices(told) : [...errors];
}

function withoutNoiseOf(union: ErrorObject, errors: readonly ErrorObject[]): ErrorObject[] {
  const place = union.instancePath;
  const inside = errors.filter((error) => isInside(error, place));
  if (inside.length === 0) {
    return errors.filter((error) => error.instancePath !== place || error === union);
  }
  const isAboutWhole = (error: ErrorObject) =>
    error.instancePath === place && (error === union || isChoice(error) || error.keyword === 'type');
  const left = errors.filter((error) => !isAboutWhole(error));
  const isMark = (error: ErrorObject) =>
    isChoice(error) && error.instancePath.lastIndexOf('/') === place.length && error.instancePath !== place;
  const cases = [...new Set(inside.map((error) => caseOf(error, union)))];
  const wrongCases = new Set(inside.filter(isMark).map((error) => caseOf(error, union)));
  if (wrongCases.size < cases.length) {
    return left.filter((error) => !inside.includes(error) || !wrongCases.has(caseOf(error, union)));
  }
  return left.filter((error) => !inside.includes(error) || isMark(error));
}

/** Whether an error is about something in the value at a place, not about the value as a whole. */
function isInside(error: ErrorObject, place: string): boolean {
  if (error.instancePath.startsWith(`${place}/`)) return true;
  return error.instancePath === place && ['required', 'additionalProperties'].includes(error.keyword);
}

function isChoice({ keyword }: ErrorObject): boolean {
  return keyword === 'enum' || keyword === 'const';
}

/** By which case of a union there is an error: its number; -1 where it is not known. */
function caseOf({ schemaPath }: ErrorObject, union: ErrorObject): number {
  const cases: readonly unknown[] = Array.isArray(union.schema) ? union.schema : [];
  return cases.findIndex((branch, index) => {
    const reference: unknown = Object(branch).$ref;
    const starts = [
      `${union.schemaPath}/${index}/`,
      ...(typeof reference === 'string' ? [`${reference}/`] : []),
    ];
    return starts.some((start) => schemaPath.startsWith(start));
  });
}

/** What a value may be by several cases is told at once: `must be "a" or "b"`. */
function withMergedChoices(errors: readonly ErrorObject[]): ErrorObject[] {
  return errors.flatMap((error, index) => {
    if (!isChoice(error)) return [error];
    const same = errors.filter((other) => isChoice(other) && other.instancePath === error.instancePath);
    if (same[0] !== errors[index]) return [];
    const allowed = new Set(same.flatMap(allowedBy));
    // Null is the last that one would name.
    const allowedValues = [...allowed].sort((a, b) => Number(a === null) - Number(b === null));
    return [{ ...error, keyword: 'enum', params: { allowedValues } }];
  });
}

function allowedBy({ keyword, params }: ErrorObject): unknown[] {
  return keyword === 'const' ? [params['allowedValue']] : [params['allowedValues']].flat();
}
