import { describe, expect, it } from 'vitest';
import { byteSize, choice, duration, durationText, integer, number } from '../../src/flags/values.ts';

describe('number', () => {
  it.each([
    ['0', 0],
    ['2', 2],
    ['0.7', 0.7],
    ['1e-1', 0.1],
  ])('reads %s', (text, value) => {
    expect(number(0, 2)(text, '-t')).toBe(value);
  });

  it.each(['hot', '', ' ', '-0.1', '2.01', 'NaN', 'Infinity', '1,5'])('refuses %j', (text) => {
    expect(() => number(0, 2)(text, '-t')).toThrow(`-t ${text || "''"} is not a number from 0 to 2`);
  });
});

describe('integer', () => {
  it.each(['-1', '1.5', '', 'x', '0x10', '1e3', '99999999999999999999'])('refuses %j', (text) => {
    expect(() => integer(0)(text, '--retries')).toThrow(
      `--retries ${text || "''"} is not a whole number of 0 or more`,
    );
  });

  it('takes both ends of its range and names them', () => {
    expect([integer(1, 3)('1', '-n'), integer(1, 3)('3', '-n')]).toEqual([1, 3]);
    expect(() => integer(1, 3)('4', '-n')).toThrow('from 1 to 3');
  });
});

describe('choice', () => {
  it('names the words there are', () => {
    expect(choice('low', 'high')('low', '--effort')).toBe('low');
    expect(() => choice('low', 'high')('Low', '--effort')).toThrow('--effort Low is not one of low, high');
  });
});

describe('duration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['30', 30_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['.5s', 500],
  ])('reads %s', (text, ms) => {
    expect(duration(text, '--timeout')).toBe(ms);
  });

  it.each(['', '0', '0s', '-1s', 'soon', '5 m', '1h30m', '5w', 's', '1.s'])('refuses %j', (text) => {
    expect(() => duration(text, '--timeout')).toThrow(`--timeout ${text || "''"} is not a duration such as`);
  });

  it.each([
    [250, '250ms'],
    [3000, '3s'],
    [90_000, '90s'],
    [600_000, '10m'],
    [86_400_000, '1d'],
  ])('is written %d → %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
    expect(duration(text, '')).toBe(ms);
  });
});

describe('byteSize', () => {
  const read = byteSize(16 * 1024 * 1024);

  it.each([
    ['1', 1],
    ['4096', 4096],
    ['4096b', 4096],
    ['64k', 65_536],
    ['64KB', 65_536],
    ['1.5m', 1_572_864],
    ['16m', 16_777_216],
  ])('reads %s', (text, bytes) => {
    expect(read(text, '--tool-limit')).toBe(bytes);
  });

  it.each(['0', '', '-1', '0.5', '1 m', 'k', '1t', 'NaN', '16.1m', '1g', '1e3'])('refuses %j', (text) => {
    expect(() => read(text, '--tool-limit')).toThrow(
      `--tool-limit ${text || "''"} is not a size such as 4096, 64k or 1m, up to 16m`,
    );
  });
});
