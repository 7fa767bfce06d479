import type { SpokenSegment } from './transcript.ts';

/** Subtitles as whisper writes them (openai/whisper, `utils.py`): SubRip and WebVTT. */
export function subtitles(segments: readonly SpokenSegment[], format: 'srt' | 'vtt'): string {
  const cues = segments.map(({ start, end, text }, index) => {
    const line = text
      .trim()
      .replace(/\s*\n\s*/g, ' ')
      .replaceAll('-->', '->');
    const number = format === 'srt' ? `${index + 1}\n` : '';
    return `${number}${timestamp(start, format)} --> ${timestamp(end, format)}\n${line}\n\n`;
  });
  return `${format === 'vtt' ? 'WEBVTT\n\n' : ''}${cues.join('')}`;
}

/** `01:02:03,004`, and in WebVTT `02:03.004` where there is no hour. @param seconds */
function timestamp(seconds: number, format: 'srt' | 'vtt'): string {
  const ms = Math.round(seconds * 1000);
  const [hours, rest] = [Math.floor(ms / 3_600_000), ms % 3_600_000];
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const fraction = String(ms % 1000).padStart(3, '0');
  const minutes = `${two(rest / 60_000)}:${two((rest % 60_000) / 1000)}`;
  if (format === 'srt') return `${two(hours)}:${minutes},${fraction}`;
  return `${hours > 0 ? `${two(hours)}:` : ''}${minutes}.${fraction}`;
}
