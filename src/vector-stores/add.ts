import type { Api } from '../api/client.ts';
import { uploadFile } from '../api/files.ts';
import { retrieveStore } from '../api/vector-stores.ts';
import type { Context } from '../context.ts';
import { warn } from '../output/messages.ts';
import type { AddPlan } from './add-plan.ts';
import { Adding } from './adding.ts';
import { readContents } from './contents.ts';
import { type NamedStore, refuseExpired, withStore } from './find-store.ts';
import { openLedger } from './ledger.ts';
import { readLocalText } from './local-texts.ts';

/**
 * Adds files to a store: those that it has are left alone, those that have changed take the place of what they were.
 * @throws Failure: of kind `partial` where some failed; Stopped, once it is said how to come back
 */
export async function addToStore(word: string, plan: AddPlan, api: Api, context: Context): Promise<void> {
  if (api.dryRun) return showUpload(plan, api, context);
  await withStore(word, api, async (named) => {
    const store = named.store ?? (await retrieveStore(api, named.id));
    refuseExpired(store);
    await fill({ ...named, store }, plan, api, context);
  });
}

/** The request with which it begins. */
async function showUpload({ found }: AddPlan, api: Api, context: Context): Promise<void> {
  for (const text of found.texts) {
    if (text.kind === 'id') continue;
    const { file } = await readLocalText(text.path, context);
    await uploadFile(api, file, { purpose: 'assistants' }, context);
  }
  warn(context, 'no file would be sent: all of them are uploaded already');
}

async function fill(store: NamedStore, plan: AddPlan, api: Api, context: Context): Promise<void> {
  const ledger = await openLedger(store.id, store.shown, api, context);
  try {
    const contents = await readContents(api, store.id);
    await new Adding(store, plan, contents, ledger, api, context).run();
  } finally {
    await ledger.close();
  }
}
