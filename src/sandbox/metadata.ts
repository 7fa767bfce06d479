import { map, nullable, string } from './request-check.ts';

/** Labels of a thing that the API keeps (OpenAPI `Metadata`). */
export const metadata = nullable(map(string({ max: 512 }), { max: 16, maxKey: 64 }));
