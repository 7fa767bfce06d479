import type { ModerationVerdict } from '../api/moderations.ts';
import { Failure, usageError } from '../errors.ts';

/** The categories of OpenAI (the SDK's types, `Moderation.Categories`; openai 7.55.0). */
export const categories: readonly string[] = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];

/** What counts as flagged. */
export interface Rule {
  /** Scores from which on a category is flagged; all others are as the API says. */
  readonly thresholds: ReadonlyMap<string, number>;
  /** The categories that count; undefined: all. */
  readonly counted: readonly string[] | undefined;
}

/** One category of a verdict. */
export interface CategoryScore {
  readonly category: string;
  readonly flagged: boolean;
  /** From 0 to 1. */
  readonly score: number;
}

/** The categories that count, the highest score first. */
export function scoresOf(verdict: ModerationVerdict, { thresholds, counted }: Rule): CategoryScore[] {
  const names = Object.keys(verdict.category_scores).filter((name) => counted?.includes(name) ?? true);
  return names
    .map((category) => {
      const score = verdict.category_scores[category] ?? 0;
      const threshold = thresholds.get(category);
      const flagged = threshold === undefined ? verdict.categories[category] === true : score >= threshold;
      return { category, flagged, score };
    })
    .sort((a, b) => b.score - a.score);
}

/** The failure for what is flagged, by its categories; undefined where nothing is. */
export function verdictOn(scores: readonly CategoryScore[]): Failure | undefined {
  const flagged = scores.filter((score) => score.flagged);
  if (flagged.length === 0) return undefined;
  const names = flagged.map(({ category, score }) => `${category} ${score.toFixed(2)}`).join(', ');
  return new Failure('verdict', `flagged: ${names}`, { code: 'flagged' });
}

/**
 * Reads `--threshold violence=0.4`.
 * @throws Failure (usage) for a category that there is not, or what is no number from 0 to 1
 */
export function readThresholds(flags: readonly string[]): Map<string, number> {
  return new Map(
    flags.map((flag) => {
      const [, name = '', text = ''] = /^([^=]+)=(.+)$/.exec(flag) ?? [];
      const value = Number(text);
      if (name === '' || text.trim() === '' || !(value >= 0 && value <= 1)) {
        throw usageError(`--threshold ${flag} is not of the form CATEGORY=NUMBER, from 0 to 1`);
      }
      return [checkCategory(name.trim(), '--threshold'), value];
    }),
  );
}

/** Reads `--categories violence,hate`. @throws Failure (usage) for one that there is not */
export function readCategories(text: string): string[] {
  return text.split(',').map((name) => checkCategory(name.trim(), '--categories'));
}

function checkCategory(name: string, flag: string): string {
  if (categories.includes(name)) return name;
  throw usageError(`${flag} ${name === '' ? "''" : name} is none of ${categories.join(', ')}`);
}
