/** Numbers of 0 to below 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What texts are made of: scripts with and without spaces, marks, emoji, odd white space, and what means something in a file. */
const particles = [
  ...[
    'the',
    'a',
    'word',
    'Wednesday',
    "don't",
    'pneumonoultramicroscopicsilicovolcanoconiosis',
    '3.14',
    '2026',
  ],
  ...['안녕하세요', '여러분,', '오늘은', '이야기해', '볼까요?', '大韓民國은'],
  ...['今日は', '「人工知能」', 'について', '話します。', '首先', '看翻译', '，', '！？', 'カタカナー'],
  ...['สวัสดีทุกคน', 'วันนี้', 'ปัญญาประดิษฐ์', 'مرحبا', 'بكم', 'مستعدون؟', 'שלום'],
  ...['👨‍👩‍👧‍👦', '🇰🇷', '👍🏽', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'é', 'ñ', '각'],
  ...['.', ',', '!', ' ?', '…', '«', '»', '(', ')', '“', '”', '-', '—', '"', '%'],
  ...['-->', '--->', '&lt;', '&', '<i>', '</v>', '<', '>', 'NOTE', 'STYLE', 'WEBVTT', '1', '00:00:01.000'],
  ...['\n', '\n\n', '\r\n', '\t', '\u00a0', '\u3000', '\u2028', '\u0085', '\u200b'],
  ...['\u0000', '\u001b[31m', '\u202e', '\u2066', '\u200f'],
];

/** A text of up to that many particles, most of them apart. */
export function randomText(random: () => number, most: number): string {
  let text = '';
  for (let left = Math.floor(random() * (most + 1)); left > 0; left--) {
    text += particles[Math.floor(random() * particles.length)];
    if (random() < 0.6) text += ' ';
  }
  return text;
}
