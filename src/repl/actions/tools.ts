import { usageError } from '../../errors.ts';
import { alignedTable } from '../../output/table.ts';
import type { Action } from '../desk.ts';

/** Shows the tools of the session, or lets the model know of none for a while. */
export const tools: Action = async (argument, desk) => {
  const { session } = desk;
  if (argument === 'on' || argument === 'off') return session.switchTools(argument === 'on');
  if (argument !== '') throw usageError(`/tools is on or off, not ${argument}`);
  const definitions = session.tools?.toolbox.definitions ?? [];
  if (definitions.length === 0) return desk.show('no tools\n');
  const rows = definitions.map((tool) => {
    const { name, description = '' } = tool.type === 'custom' ? tool.custom : tool.function;
    return [name, description];
  });
  await desk.show(await alignedTable(rows));
};
