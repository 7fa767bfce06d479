import { median } from './statistics.mjs';

/** @typedef {import('./measure.mjs').Sample} Sample */
/** @typedef {import('./benches.mjs').Metric} Metric */

/**
 * One metric of one contender. `ratio` is the median of each round's ratio to the first contender.
 * @typedef {object} Row
 * @property {string} metric
 * @property {string} contender
 * @property {number} median in ms, bytes or deltas per second
 * @property {string} shown the median with its unit
 * @property {number | undefined} ratio
 * @property {string | undefined} target
 * @property {boolean | undefined} met
 */

/** The contender whose targets are checked. */
const OURS = 'oai';

/**
 * @param {Metric} metric
 * @param {ReadonlyMap<string, readonly Sample[]>} samples by contender, the one to compare with first
 * @returns {Row[]} empty where this system does not tell
 */
export function rowsOf({ name, of, show, target }, samples) {
  const all = [...samples].map(([contender, taken]) => ({ contender, values: taken.map(of) }));
  const baseline = all[0]?.values ?? [];
  if (baseline.some(Number.isNaN)) return [];
  const values = all.filter(({ values }) => !values.some(Number.isNaN));
  return values.map(({ contender, values }, index) => {
    const pairs = values.map((value, round) => /** @type {const} */ ([value, baseline[round] ?? Number.NaN]));
    const checked = contender === OURS ? target : undefined;
    return {
      metric: name,
      contender,
      median: median(values),
      shown: show(median(values)),
      ratio: index === 0 ? undefined : median(pairs.map(([own, other]) => own / other)),
      target: checked?.text,
      met: checked && median(pairs.map(([own, other]) => checked.excess(own, other))) <= 0,
    };
  });
}

/**
 * A line for each contender that the server may have held up: it was at work for more than half of the time.
 * @param {ReadonlyMap<string, readonly Sample[]>} samples
 */
export function serverNotes(samples) {
  return [...samples].flatMap(([contender, taken]) => {
    const share = median(taken.map(({ server, wall }) => server / wall));
    const percent = Math.round(share * 100);
    return share > 0.5 ? [`the server was busy for ${percent} % of the time of ${contender}`] : [];
  });
}

/** @param {readonly Row[]} rows */
export function table(rows) {
  const cells = rows.map((row) => [
    row.metric,
    row.contender,
    row.shown,
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)} ×`,
    row.target ?? '',
    row.met === undefined ? '' : row.met ? 'met' : 'missed',
  ]);
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells.map((row) => alignedRow(row, widths));
}

/** Which columns hold numbers. */
const RIGHT = [false, false, true, true, false, false];

/**
 * @param {readonly string[]} cells
 * @param {readonly number[]} widths
 */
function alignedRow(cells, widths) {
  const aligned = cells.map((cell, column) => {
    const width = widths[column] ?? 0;
    return RIGHT[column] ? cell.padStart(width) : cell.padEnd(width);
  });
  return aligned.join('  ').trimEnd();
}
