import type { FineTuneEvent } from '../api/fine-tunes.ts';
import { isObject } from '../json.ts';

/** A measurement: the step, and what was measured. */
type Point = readonly [step: number, value: number];

/** How large a chart may be, in characters, and whether it may have colours. */
export interface ChartPlace {
  readonly columns: number;
  readonly color: boolean;
}

/** Lines of the chart's own area. */
const HEIGHT = 9;
/** Characters: more would spread few points out. */
const MOST_WIDTH = 72;
/** The names of values beside the area. */
const MARGIN = 8;
const LEAST_WIDTH = 20;

/** How well a model does while it is tuned, as the events of its job tell it: a loss, or the reward of a grader. */
export class LossCurve {
  readonly #train: Point[] = [];
  readonly #valid: Point[] = [];
  #measure = 'loss';
  #step = 0;
  #total: number | undefined;

  add({ data }: FineTuneEvent): void {
    if (!isObject(data) || typeof data['step'] !== 'number') return;
    const { step, total_steps: total } = data;
    this.#step = Math.max(this.#step, step);
    if (typeof total === 'number') this.#total = total;
    const train = valueIn(data, 'train');
    const valid = valueIn(data, 'full_valid') ?? valueIn(data, 'valid');
    if (train !== undefined) this.#measure = train.name;
    if (train !== undefined) this.#train.push([step, train.value]);
    if (valid !== undefined) this.#valid.push([step, valid.value]);
  }

  /** `step 40 of 100, loss 0.52, validation 0.61`; empty until there is something. */
  summary(): string {
    const train = this.#train.at(-1)?.[1];
    const valid = this.#valid.at(-1)?.[1];
    if (train === undefined) return '';
    const of = this.#total === undefined ? '' : ` of ${this.#total}`;
    const validation = valid === undefined ? '' : `, validation ${shownValue(valid)}`;
    return `step ${this.#step}${of}, ${this.#measure} ${shownValue(train)}${validation}`;
  }

  /** The curve as lines of text; empty where there are not two points to draw one. */
  async drawn({ columns, color }: ChartPlace): Promise<string> {
    const width = Math.min(MOST_WIDTH, columns - MARGIN);
    if (this.#train.length < 2 || width < LEAST_WIDTH) return '';
    const { default: plot } = await import('simple-ascii-chart');
    const train = averaged(this.#train, width);
    const valid = averaged(this.#valid, width);
    const values = [...train, ...valid].map(([, value]) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    // A flat line has no height of its own.
    const room = most > least ? (most - least) / HEIGHT / 2 : 0.5;
    const last = this.#train.at(-1)?.[0] ?? 1;
    const chart = plot(
      train.map(([x, y]): [number, number] => [x, y]),
      {
        width,
        height: HEIGHT,
        points: valid.map(([x, y]) => ({ x, y, ...(color && { color: 'ansiYellow' as const }) })),
        ...(color && { color: 'ansiCyan' as const }),
        symbols: { point: '●', axis: { e: ' ', n: ' ' } },
        yRange: [least - room, most + room],
        customYAxisTicks: [least, (least + most) / 2, most],
        customXAxisTicks: ticks(train[0]?.[0] ?? 1, last),
        formatter: (value, { axis }) => (axis === 'y' ? shownValue(value) : Math.round(value)),
      },
    );
    const legend = `━ ${this.#measure} by step${valid.length > 0 ? '   ● validation' : ''}`;
    const lines = chart.split('\n').filter((line) => line.trim() !== '');
    return `${[legend, ...lines.map((line) => line.trimEnd())].join('\n')}\n`;
  }
}

function valueIn(data: object, of: string): { readonly name: string; readonly value: number } | undefined {
  for (const [name, value] of Object.entries(data)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    if (name === `${of}_loss`) return { name: 'loss', value };
    if (name.startsWith(`${of}_`) && /reward/.test(name)) return { name: 'reward', value };
  }
  return undefined;
}

function shownValue(value: number): string {
  return Math.abs(value) < 0.1 ? value.toPrecision(2) : value.toFixed(2);
}

/** As many points as the area has columns, each the mean of those that fall into one. */
function averaged(points: readonly Point[], width: number): Point[] {
  if (points.length <= width) return [...points];
  return Array.from({ length: width }, (_, column): Point => {
    const share = (at: number) => Math.floor((at * points.length) / width);
    const own = points.slice(share(column), share(column + 1));
    const mean = (part: 0 | 1) => own.reduce((sum, point) => sum + point[part], 0) / own.length;
    // The first and the last step are those that there are.
    const end = column === 0 ? points[0] : column === width - 1 ? points.at(-1) : undefined;
    return [end?.[0] ?? mean(0), mean(1)];
  });
}

/** Steps that are named below the area: the first, the last, and those that part it. */
function ticks(first: number, last: number): number[] {
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(first + (last - first) * share));
  return [...new Set(steps)];
}
