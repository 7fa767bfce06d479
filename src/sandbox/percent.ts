/** A percent-encoded text, decoded; as it stands where it is not encoded well. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
