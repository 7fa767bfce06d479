import type { Context } from '../context.ts';
import type { Candidate } from './candidate.ts';
import type { TypedLine } from './typed-line.ts';
import type { Known } from './value-kind.ts';

/** Conversations that are offered: those that were held last. */
const MOST_CONVERSATIONS = 100;

/** Lists what is known here of a kind. Nothing is asked of a network, and no program is run. @throws where it cannot be read */
export function knownValues(what: Known, line: TypedLine, context: Context): Promise<readonly Candidate[]> {
  return SOURCES[what](line, context);
}

type Source = (line: TypedLine, context: Context) => Promise<readonly Candidate[]>;

const SOURCES: Readonly<Record<Known, Source>> = {
  async conversations(_, context) {
    const { withHistory } = await import('../history/reading.ts');
    const { listConversations } = await import('../history/conversations.ts');
    const rows = await withHistory(
      context,
      'read',
      (store) => listConversations(store, MOST_CONVERSATIONS),
      () => [],
    );
    return rows.map(({ id, name, title }) => ({ value: name ?? id, help: title }));
  },
  async models(line, context) {
    const { modelNames } = await import('./model-names.ts');
    return modelNames(line, context);
  },
  async operations({ wanted }) {
    const { allOperations } = await import('../operations/operations.ts');
    const method = wanted.kind === 'word' ? wanted.line.words[0] : undefined;
    const fitting = allOperations().filter((operation) => operation.method === method);
    // As far as it can be known: what comes in the place of `{file_id}` is not.
    return fitting.map(({ path }) => ({ value: path.replace(/\{.*$/, ''), help: '' }));
  },
  async profiles(_, context) {
    const { profileNames, builtInProfiles } = await import('../settings/profiles.ts');
    const { profiles } = await configOf(context);
    return profileNames(profiles).map((name) => ({
      value: name,
      help: profiles?.get(name)?.base_url ?? builtInProfiles.get(name)?.baseUrl ?? '',
    }));
  },
  async roles(_, context) {
    const { roleRows } = await import('../roles/rows.ts');
    return (await roleRows(context)).map(({ name, description }) => ({
      value: name,
      help: description ?? '',
    }));
  },
  async settings({ typed }, context) {
    const { settingNames } = await import('../settings/schema.ts');
    const { profileNames } = await import('../settings/profiles.ts');
    const { profiles } = await configOf(context);
    // There are many of them, and few are looked for.
    const names = settingNames(typed.startsWith('p') ? profileNames(profiles) : []);
    return names.map((value) => ({ value, help: '' }));
  },
  async voices() {
    const { voices } = await import('../api/voices.ts');
    return voices.map(({ voice, character }) => ({ value: voice, help: character }));
  },
};

async function configOf(context: Context) {
  const { readConfig } = await import('../settings/sources.ts');
  return readConfig(context);
}
