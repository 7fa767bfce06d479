// The index of the API's operations that `oai api` carries, made of OpenAI's OpenAPI document.
// `npm run operations -- openapi.json` writes it to src/operations/list.ts; a test compares where the document is at hand.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'operations', 'list.ts');
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/**
 * What `src/operations/list.ts` is to hold.
 * @param {{ paths: Record<string, Record<string, any>> }} document OpenAI's, as JSON
 */
export function operationsModule({ paths }) {
  // A query in a path chooses a form of the same operation.
  const lines = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) =>
      lineOf(method, path, item[method]),
    ),
  );
  return `// Written by \`npm run operations\` from OpenAI's OpenAPI document (github.com/openai/openai-openapi, commit f85dbe2).

/**
 * Method, path, body (\`-\`, \`json\`, \`form\` or \`either\`), and marks: \`admin\` takes an admin key, \`pages\` gives a list page by
 * page, \`stream\` can stream, \`bytes\` gives no JSON.
 */
export const OPERATIONS = \`\\
${lines.join('\n')}
\`;
`;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {any} operation
 */
function lineOf(method, path, operation) {
  const body = Object.keys(operation.requestBody?.content ?? {});
  const answer = Object.keys(
    operation.responses['200']?.content ?? operation.responses['201']?.content ?? {},
  );
  const isForm = body.includes('multipart/form-data');
  const kind =
    body.length === 0 ? '-' : isForm ? (body.includes('application/json') ? 'either' : 'form') : 'json';
  const parameters = (operation.parameters ?? []).map((/** @type {{ name: string }} */ { name }) => name);
  const marks = [
    operation.security?.some((/** @type {object} */ scheme) => 'AdminApiKeyAuth' in scheme) ? 'admin' : '',
    method === 'get' && parameters.some((/** @type {string} */ name) => name === 'after' || name === 'page')
      ? 'pages'
      : '',
    answer.includes('text/event-stream') ? 'stream' : '',
    answer.some((type) => !/json|event-stream/.test(type)) ? 'bytes' : '',
  ].filter((mark) => mark !== '');
  return [method.toUpperCase(), path, kind, ...marks].join(' ');
}

const [, script = '', source] = process.argv;
if (script === fileURLToPath(import.meta.url) && source !== undefined) {
  writeFileSync(target, operationsModule(JSON.parse(readFileSync(source, 'utf8'))));
}
