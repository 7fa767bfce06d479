import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';
import type { Role } from './role.ts';
import { problemWith } from './settings.ts';
import { findRole, roleNames } from './shelf.ts';

/** A role as `oai role list` tells it. */
export interface RoleRow {
  readonly name: string;
  readonly source: Role['source'];
  readonly model: string | null;
  /** Null where it cannot be read. */
  readonly description: string | null;
  /** Null for one that comes with the program. */
  readonly path: string | null;
}

/** All roles; of those that are broken there is a warning. */
export async function roleRows(context: Context): Promise<RoleRow[]> {
  const names = await roleNames(context);
  const rows = await Promise.all(names.map((name) => rowOf(name, context)));
  return rows.filter((row) => row !== undefined);
}

/** Undefined for a file whose name is that of no role. */
async function rowOf(name: string, context: Context): Promise<RoleRow | undefined> {
  try {
    const role = await findRole(name, context);
    const problem = problemWith(role, context);
    if (problem !== undefined) warn(context, problem.message);
    const model = role.entries.find(({ key }) => key === 'model')?.value;
    return {
      name,
      source: role.source,
      model: typeof model === 'string' ? model : null,
      description: role.description ?? firstLine(role),
      path: role.path ?? null,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    warn(context, error.message);
    return undefined;
  }
}

/** Characters of a prompt that stand for it. */
const SHOWN = 60;

function firstLine({ system, question = '' }: Role): string {
  const line = [...((system || question).split('\n')[0] ?? '').trim()];
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1).join('')}…` : line.join('');
}

/** A role, read, as `--json` tells it. */
export function shownRole(role: Role): object {
  return {
    name: role.name,
    source: role.source,
    path: role.path ?? null,
    description: role.description ?? null,
    settings: Object.fromEntries(role.entries.map(({ key, value }) => [key, value])),
    vars: Object.fromEntries(role.vars),
    system: role.system,
    message: role.examples,
    question: role.question ?? null,
  };
}
