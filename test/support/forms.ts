/** A form as a plain object: files as their name, type and bytes; what has several values as a list. */
export interface FormFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** The form that a request carries. */
export async function formOf(request: Request | undefined): Promise<Record<string, unknown>> {
  const form = await request?.formData();
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form ?? []) {
    const read = typeof value === 'string' ? value : await fileOf(value);
    const earlier = fields[name];
    fields[name] = name.endsWith('[]') ? [...(Array.isArray(earlier) ? earlier : []), read] : read;
  }
  return fields;
}

async function fileOf(file: File): Promise<FormFile> {
  return { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) };
}
