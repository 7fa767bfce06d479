import { deflateSync } from 'node:zlib';

/** A PDF of a page with each of these texts on it, as small as one can be. */
export function pdf(...texts: readonly string[]): Buffer {
  const pages = texts.map((_, index) => `${3 + 2 * index} 0 R`);
  const objects: (string | Buffer)[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.join(' ')}] /Count ${texts.length} >>`,
  ];
  for (const [index, text] of texts.entries()) {
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents ${4 + 2 * index} 0 R >>`);
    const shown = text.replace(/[()\\]/g, '\\$&');
    const data = deflateSync(Buffer.from(`BT /F1 12 Tf 10 50 Td (${shown}) Tj ET`));
    const head = `<< /Length ${data.length} /Filter /FlateDecode >>\nstream\n`;
    objects.push(Buffer.concat([Buffer.from(head), data, Buffer.from('\nendstream')]));
  }
  const body = objects.flatMap((object, index) => [`${index + 1} 0 obj\n`, object, '\nendobj\n']);
  const parts = ['%PDF-1.4\n', ...body, 'trailer << /Root 1 0 R >>\n%%EOF\n'];
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}
