export type SubtitleFormat = 'srt' | 'vtt';

/**
 * What a subtitle neither shows nor needs: control characters, interlinear annotations, and the bidirectional
 * embeddings, overrides and isolates, which make a text read otherwise than it is written (Unicode 16, chapters 23.1
 * and 23.2; UAX 9). The marks U+200E, U+200F and U+061C stay: Arabic and Hebrew need them by their punctuation.
 */
const UNSHOWN = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/g;

const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

const SHOWN = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/** The lines of a text that a cue can hold: nothing unseen in them, and none of them blank, which would end it. */
export function shownLines(text: string): string[] {
  return text
    .split(LINE_BREAK)
    .map((line) => line.replace(UNSHOWN, '').replaceAll('\t', ' ').trim())
    .filter((line) => SHOWN.test(line));
}

/** SubRip has no way to write an arrow that is no time: it becomes `->`, as whisper does it. */
export function withoutArrow(text: string): string {
  return text.replace(/-+->/g, '->');
}

/** The characters that WebVTT reads as markup (W3C, WebVTT, 4.2.1 "WebVTT cue text span" and 6.4). */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * The tags of WebVTT: classes, italics, bold, underline, ruby, voice, language and times (W3C, WebVTT, 4.2.2), and its
 * references. None of them ends with an arrow, which no cue may have in it.
 */
const VTT_MARKUP =
  /<\/?(?:c|i|b|u|v|ruby|rt|lang)(?:[.\s][^<>]*)?(?<!--)>|<[\d:.]+>|&(?:#\d+|#x[\da-f]+|[a-z]\w*);/gi;

/** Text in which tags and references are meant as such: only the rest is escaped. */
export function escapedButMarkup(text: string): string {
  let done = 0;
  let safe = '';
  for (const { 0: markup, index } of text.matchAll(VTT_MARKUP)) {
    safe += escaped(text.slice(done, index)) + markup;
    done = index + markup.length;
  }
  return safe + escaped(text.slice(done));
}
