/** Bytes of the header, which is padded so that it can be written anew when the number of rows is known. */
const HEADER_BYTES = 128;

/**
 * The header of a NumPy file of 32-bit floats, little-endian, row after row (NumPy Enhancement Proposal 1, format 1.0).
 * It always has the same length.
 */
export function npyHeader(rows: number, columns: number): Buffer {
  const magic = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
  const length = HEADER_BYTES - magic.length - 2;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const size = Buffer.alloc(2);
  size.writeUInt16LE(length);
  return Buffer.concat([magic, size, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1')]);
}
