import type { CommandModule } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  // Each command's options are its own affair: they are made and read inside its module.
  readonly load: () => Promise<CommandModule<never>>;
}

/** The commands by the heading they stand under in `oai --help`. This is the one list of them. */
export const groups: Readonly<Record<string, readonly CommandEntry[]>> = {
  'Capabilities:': [
    {
      name: 'chat',
      summary: 'ask a model; the answer streams to stdout',
      load: async () => (await import('./commands/chat.ts')).chat,
    },
    {
      name: 'image',
      summary: 'draw what a prompt says; images are saved as files',
      load: async () => (await import('./commands/image.ts')).image,
    },
    {
      name: 'edit',
      summary: 'change images as a prompt says, all over or behind a mask',
      load: async () => (await import('./commands/edit.ts')).edit,
    },
    {
      name: 'variation',
      summary: 'make images like one that is there',
      load: async () => (await import('./commands/variation.ts')).variation,
    },
    {
      name: 'speak',
      summary: 'say a text; the sound is saved as a file, or played',
      load: async () => (await import('./commands/speak.ts')).speak,
    },
    {
      name: 'transcribe',
      summary: 'write down what is said: text, subtitles, who speaks when',
      load: async () => (await import('./commands/transcribe.ts')).transcribe,
    },
    {
      name: 'translate',
      summary: 'speech, text or subtitles in another language',
      load: async () => (await import('./commands/translate.ts')).translate,
    },
    {
      name: 'embed',
      summary: 'texts as vectors, one or a million',
      load: async () => (await import('./commands/embed.ts')).embed,
    },
    {
      name: 'moderate',
      summary: 'judge texts and images: a gate for scripts',
      load: async () => (await import('./commands/moderate.ts')).moderate,
    },
    {
      name: 'structured',
      summary: 'an answer of a given form: a JSON Schema, or fields',
      load: async () => (await import('./commands/structured.ts')).structured,
    },
  ],
  'Platform:': [
    {
      name: 'models',
      summary: 'what models there are, and which of yours end soon',
      load: async () => (await import('./commands/models.ts')).models,
    },
    {
      name: 'respond',
      summary: 'the Responses API: hosted tools, work in the background',
      load: async () => (await import('./commands/respond.ts')).respond,
    },
    {
      name: 'response',
      summary: 'a response that the API keeps: wait for it, cancel it',
      load: async () => (await import('./commands/response.ts')).response,
    },
    {
      name: 'complete',
      summary: 'go on with a text: base models, compatible servers',
      load: async () => (await import('./commands/complete.ts')).complete,
    },
    {
      name: 'stored',
      summary: 'chat completions that the API keeps',
      load: async () => (await import('./commands/stored.ts')).stored,
    },
    {
      name: 'files',
      summary: 'files at the API: send of any size, list, fetch, delete',
      load: async () => (await import('./commands/files.ts')).files,
    },
    {
      name: 'batch',
      summary: 'many requests at half the price, within a day',
      load: async () => (await import('./commands/batch.ts')).batch,
    },
    {
      name: 'finetune',
      summary: 'models of your own: begin a job, follow it, see its curve',
      load: async () => (await import('./commands/finetune.ts')).finetune,
    },
    {
      name: 'vector-store',
      summary: 'files that the API searches: fill them, ask them',
      load: async () => (await import('./commands/vector-store.ts')).vectorStore,
    },
    {
      name: 'realtime',
      summary: 'talk live, typed or spoken; write down speech as it is said',
      load: async () => (await import('./commands/realtime.ts')).realtime,
    },
    {
      name: 'api',
      summary: 'any endpoint of the API, as it is',
      load: async () => (await import('./commands/api.ts')).api,
    },
    {
      name: 'index',
      summary: 'search your texts by what they mean',
      load: async () => (await import('./commands/index.ts')).index,
    },
  ],
  'The tool:': [
    {
      name: 'role',
      summary: 'prompts that are kept under a name, with their settings',
      load: async () => (await import('./commands/role.ts')).role,
    },
    {
      name: 'tokens',
      summary: 'count tokens: share of the window, cost, a limit',
      load: async () => (await import('./commands/tokens.ts')).tokens,
    },
    {
      name: 'history',
      summary: 'conversations that are kept: show, search, export, delete',
      load: async () => (await import('./commands/history.ts')).history,
    },
    {
      name: 'config',
      summary: 'keys, profiles and defaults',
      load: async () => (await import('./commands/config.ts')).config,
    },
    {
      name: 'doctor',
      summary: 'what is wrong here: key, network, models, settings',
      load: async () => (await import('./commands/doctor.ts')).doctor,
    },
    {
      name: 'completion',
      summary: 'completion by Tab in bash, zsh and fish',
      load: async () => (await import('./commands/completion.ts')).completion,
    },
    {
      name: 'sandbox',
      summary: 'serve the sandbox API over HTTP, for other programs',
      load: async () => (await import('./commands/sandbox.ts')).sandbox,
    },
  ],
};

/** Every command, in the order of `oai --help`. */
export const commands: readonly CommandEntry[] = Object.values(groups).flat();
