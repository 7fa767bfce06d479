const KB = 1024;
const MB = 1024 * KB;

/** A number of bytes for people; a larger one never reads like a smaller one that is a round number. */
export function sizeText(bytes: number): string {
  if (bytes < KB) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const [unit, size] = bytes < MB ? ['KB', KB] : ['MB', MB];
  return `${Math.ceil((bytes / Number(size)) * 10) / 10} ${unit}`;
}
