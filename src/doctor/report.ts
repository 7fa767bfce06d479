import { Chalk } from 'chalk';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { isObject } from '../json.ts';
import { messageLine, withoutSecrets } from '../output/messages.ts';
import { version } from '../version.ts';
import { CHECKS, type Finding, type Status } from './finding.ts';

/** How a finding is marked on a terminal; elsewhere by the word. */
const MARKS: Readonly<Record<Status, string>> = { ok: '✓', warning: '!', broken: '✗', skipped: '-' };
const COLOURS = { ok: 'green', warning: 'yellow', broken: 'red', skipped: 'dim' } as const;

const NAME_WIDTH = Math.max(...CHECKS.map((name) => name.length));
const WORD_WIDTH = 'warning'.length;

/** A finding as people read it: a line, and one more with what to do about it. Keys in it are not shown. */
export function findingText(
  finding: Finding,
  { stdout, secrets }: Pick<Context, 'stdout' | 'secrets'>,
): string {
  const { check, status, message, advice } = finding;
  const chalk = new Chalk({ level: stdout.color ? 1 : 0 });
  const mark = stdout.isTTY ? MARKS[status] : status.padEnd(WORD_WIDTH);
  const line = `${chalk[COLOURS[status]](mark)} ${check.padEnd(NAME_WIDTH)}  ${messageLine(message, secrets)}\n`;
  if (advice === null) return line;
  const indent = ' '.repeat(mark.length + NAME_WIDTH + 3);
  return `${line}${indent}${messageLine(advice, secrets)}\n`;
}

/** All of it as one document. Its shape is promised: docs/doctor.md. */
export function examinationJson(findings: readonly Finding[], secrets: ReadonlySet<string>): object {
  const shown = findings.map(({ check, status, message, advice, details }) => ({
    check,
    status,
    message: messageLine(message, secrets),
    advice: advice === null ? null : messageLine(advice, secrets),
    details: hiding(details, secrets),
  }));
  const named = (status: Status) => [
    ...new Set(findings.filter((finding) => finding.status === status).map(({ check }) => check)),
  ];
  const broken = named('broken');
  return { ok: broken.length === 0, version, broken, warnings: named('warning'), checks: shown };
}

/** Names and codes of a server are its own words, in which it may give back what it was sent. */
function hiding(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return withoutSecrets(value, secrets);
  if (Array.isArray(value)) return value.map((item) => hiding(item, secrets));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, hiding(field, secrets)]);
  return Object.fromEntries(fields);
}

/** What the check says as a whole; undefined where nothing is broken. */
export function examinationFailure(findings: readonly Finding[]): Failure | undefined {
  const broken = [...new Set(findings.filter(({ status }) => status === 'broken').map(({ check }) => check))];
  if (broken.length === 0) return undefined;
  return new Failure('check', `broken: ${broken.join(', ')}`, { code: 'broken' });
}
