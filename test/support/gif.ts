/** A GIF of 2 by 2 pixels with so many frames, and a comment between them. */
export function gif(frames: number): Buffer {
  const screen = [...Buffer.from('GIF89a'), 2, 0, 2, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
  const comment = [0x21, 0xfe, 2, 0x2c, 0x2c, 0];
  const image = [0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 2, 0x44, 0x5c, 0];
  const all = Array.from({ length: frames }, () => [...comment, ...image]).flat();
  return Buffer.from([...screen, ...all, 0x3b]);
}
