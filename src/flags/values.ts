import { usageError } from '../errors.ts';

/** Reads one flag's text. Throws a usage failure that names flag, value and what it takes instead. */
export interface ReadValue<T> {
  (text: string, flag: string): T;
  /** The words to choose from, where there are no others. */
  readonly choices?: readonly string[] | undefined;
}

/** An empty value is to be seen. */
function shown(text: string): string {
  return text === '' ? "''" : text;
}

/** Any text but none: an unset variable of a shell is no value. */
export const text: ReadValue<string> = (value, flag) => {
  if (value === '') throw usageError(`${flag} is empty`);
  return value;
};

/** A number in a range, both ends included. */
export function number(min: number, max: number): ReadValue<number> {
  return (text, flag) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isNaN(value) || value < min || value > max) {
      throw usageError(`${flag} ${shown(text)} is not a number from ${min} to ${max}`);
    }
    return value;
  };
}

/** A whole number in a range, both ends included. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): ReadValue<number> {
  return (text, flag) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
      throw usageError(`${flag} ${shown(text)} is not a whole number ${range}`);
    }
    return value;
  };
}

/** A size in pixels, `WIDTHxHEIGHT`, or `auto`. */
export const pixelSize: ReadValue<string> = (text, flag) => {
  const size = text.toLowerCase().replace('×', 'x');
  if (size !== 'auto' && !/^[1-9]\d{0,4}x[1-9]\d{0,4}$/.test(size)) {
    throw usageError(`${flag} ${shown(text)} is not WIDTHxHEIGHT in pixels, such as 1024x1024, nor auto`);
  }
  return size;
};

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): ReadValue<T> {
  const read = (text: string, flag: string) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw usageError(`${flag} ${shown(text)} is not one of ${words.join(', ')}`);
    return found;
  };
  return Object.assign(read, { choices: words });
}

/** A name and its value, which may be empty: `name=value`. */
export const assignment: ReadValue<readonly [name: string, value: string]> = (text, flag) => {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`${flag} ${shown(text)} is not of the form name=value`);
  return [text.slice(0, equals), text.slice(equals + 1)];
};

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time (`250ms`, `30s`, `2m`, `1.5h`, `7d`; a bare number is seconds), in milliseconds, above 0. */
export const duration: ReadValue<number> = (text, flag) => {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const value = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  if (!(value > 0)) throw usageError(`${flag} ${shown(text)} is not a duration such as 250ms, 30s or 2m`);
  return value;
};

/** A duration in the words that `duration` reads: the largest unit that leaves no fraction. */
export function durationText(ms: number): string {
  const units = Object.entries(UNIT_MS).reverse();
  const [unit, size] = units.find(([, size]) => ms >= size && Number.isInteger(ms / size)) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size in bytes (`4096`, `64k`, `1.5m`: units are of 1024), above 0. @param max bytes */
export function byteSize(max: number): ReadValue<number> {
  return (text, flag) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)b?$/i.exec(text) ?? [];
    const value = Math.floor(Number(amount) * (UNIT_BYTES[unit.toLowerCase()] ?? Number.NaN));
    if (value > 0 && value <= max) return value;
    throw usageError(
      `${flag} ${shown(text)} is not a size such as 4096, 64k or 1m, up to ${max / 1024 ** 2}m`,
    );
  };
}
