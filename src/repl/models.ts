/** Words in the names of models that do something else: they are not suggested, and may be chosen all the same. */
const OTHERS =
  /(^|[-/])(image|dall-e|sora|tts|whisper|transcribe|realtime|live|embedding|moderation|babbage|davinci)(-|$)/;

/** Whether a model may be one to talk with, by its name: servers do not say. */
export function mayChat(name: string): boolean {
  return !OTHERS.test(name);
}
