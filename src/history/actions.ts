// What `oai history` does, in one piece: what it shares with a chat is then one piece, too, which is quicker to load.
export { exportHistory } from './export.ts';
export { listHistory } from './list.ts';
export { removeHistory } from './remove.ts';
export { renameHistory } from './rename.ts';
export { searchHistory } from './search.ts';
export { showHistory } from './show.ts';
export { showUsage } from './usage-table.ts';
