import type { ResponseTool } from '../api/responses.ts';
import { usageError } from '../errors.ts';
import type { HostedToolFlags } from '../flags/hosted-tools.ts';

/**
 * The tools that the API runs by itself.
 * @throws Failure (usage) on an MCP server that is no URL
 */
export function hostedTools(flags: HostedToolFlags): ResponseTool[] {
  const { webSearch, fileSearch, codeInterpreter, imageGeneration, mcp = [] } = flags;
  const servers = mcp.map(mcpServer);
  refuseTwice(servers.map(({ server_label: label }) => label));
  return [
    ...(webSearch === true ? [{ type: 'web_search' as const }] : []),
    ...(fileSearch === undefined
      ? []
      : [{ type: 'file_search' as const, vector_store_ids: [...fileSearch] }]),
    ...(codeInterpreter === true
      ? [{ type: 'code_interpreter' as const, container: { type: 'auto' as const } }]
      : []),
    ...(imageGeneration === true ? [{ type: 'image_generation' as const }] : []),
    ...servers,
  ];
}

/** Each server is called by its label. @throws Failure (usage) */
function refuseTwice(labels: readonly string[]): void {
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice !== undefined)
    throw usageError(`two --mcp are called ${twice}`, 'give each a name: --mcp docs=URL');
}

type McpTool = Extract<ResponseTool, { type: 'mcp' }>;

/** `URL`, or `NAME=URL`; without a name the host is one. */
function mcpServer(typed: string): McpTool {
  const [, name, address = typed] = /^([\w-]+)=(.*)$/s.exec(typed) ?? [];
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError(`--mcp ${typed} is no URL`, 'e.g. --mcp docs=https://mcp.example.com/mcp');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      '--mcp: a URL with a password in it would be seen by everybody in ps',
      'put it into --param tools=…',
    );
  }
  const label = name ?? url.hostname.replace(/[^\w-]/g, '_').replace(/^(?=\d)/, 'mcp_');
  return { type: 'mcp', server_label: label, server_url: url.href, require_approval: 'always' };
}
