import type { Flag } from './flag.ts';
import { text } from './values.ts';

/** The flags of tools that the API runs by itself, read. */
export interface HostedToolFlags {
  readonly webSearch?: boolean;
  /** Ids of vector stores. */
  readonly fileSearch?: readonly string[];
  readonly codeInterpreter?: boolean;
  readonly imageGeneration?: boolean;
  /** Each `URL` or `NAME=URL`, as typed. */
  readonly mcp?: readonly string[];
}

export const hostedToolFlags: readonly Flag[] = [
  { flags: '--web-search', help: 'may search the web; what it cites is listed below the answer' },
  {
    flags: '--file-search <store>',
    help: 'may search this vector store; repeatable',
    read: text,
    repeatable: true,
  },
  { flags: '--code-interpreter', help: 'may run Python; files that it makes are saved' },
  { flags: '--image-generation', help: 'may draw images; they are saved' },
  {
    flags: '--mcp <url>',
    help: 'may use the tools of this MCP server, each when you say so; repeatable',
    read: text,
    repeatable: true,
  },
];
