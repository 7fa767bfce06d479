/** Categories of the moderation API (OpenAPI `CreateModerationResponse`), and whether it looks at images for them. */
export const categories = {
  hate: { images: false },
  'hate/threatening': { images: false },
  harassment: { images: false },
  'harassment/threatening': { images: false },
  illicit: { images: false },
  'illicit/violent': { images: false },
  'self-harm': { images: true },
  'self-harm/intent': { images: true },
  'self-harm/instructions': { images: true },
  sexual: { images: true },
  'sexual/minors': { images: false },
  violence: { images: true },
  'violence/graphic': { images: true },
} as const;

export type Category = keyof typeof categories;

export const categoryNames = Object.keys(categories) as readonly Category[];

/** How sure the sandbox is of a category: words that flag it, and words that only raise its score. */
export type Suspicion = 'flagged' | 'raised';

/**
 * The words by which the sandbox moderates, so that every outcome can be tried: for each category those that flag it and
 * those that only raise its score. English words are whole ones, with their endings (`kills`, `killing`, not `skill`);
 * Korean ones may be inside others (죽이겠다). Besides, a category that has a finer one is flagged with it, and hate or
 * harassment in a text that is violent as well is threatening.
 */
const WORDS: readonly (readonly [Category, Suspicion, english: string, korean: string])[] = [
  ['hate', 'flagged', 'hat(?:e|ing|eful)|racist', '혐오|증오'],
  ['hate', 'raised', 'despis(?:e|ing)', '싫어'],
  ['harassment', 'flagged', 'idiot|stupid|loser', '멍청|바보'],
  ['harassment', 'raised', 'annoying', '짜증'],
  ['illicit', 'flagged', 'steal|shoplift|counterfeit', '훔치|위조'],
  ['illicit', 'raised', 'hack', '해킹'],
  ['illicit/violent', 'flagged', 'bomb|explosive', '폭탄'],
  ['illicit/violent', 'raised', 'weapon', '무기'],
  ['self-harm', 'flagged', 'suicid(?:e|al)|self-harm', '자살|자해'],
  ['self-harm', 'raised', 'hopeless', '절망'],
  ['self-harm/intent', 'flagged', 'kill(?:ing)? myself|end my life', '죽고 ?싶'],
  ['self-harm/intent', 'raised', 'want to disappear', '사라지고 ?싶'],
  [
    'self-harm/instructions',
    'flagged',
    'how to (?:kill|hurt|cut) (?:your|my)self',
    '(?:자살|자해)(?:하는)? ?(?:방법|법)',
  ],
  ['sexual', 'flagged', 'porn|erotic|pornographic', '음란|포르노'],
  ['sexual', 'raised', 'nude', '누드'],
  ['sexual/minors', 'flagged', 'underage porn', '미성년자? ?(?:음란|포르노)'],
  ['violence', 'flagged', 'kill|murder|stab(?:b(?=ed|ing))?|shoot', '죽이|죽여|죽일|죽였|살인'],
  ['violence', 'raised', 'fight|punch', '싸움|싸우'],
  ['violence/graphic', 'flagged', 'gore|dismember', '유혈|토막'],
  ['violence/graphic', 'raised', 'blood|bloody', '피투성이'],
];

const PATTERNS = WORDS.map(([category, suspicion, english, korean]) => ({
  category,
  suspicion,
  pattern: new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${english})(?:s|es|d|ed|er|ers|ing)?(?![\\p{L}\\p{N}])|${korean}`,
    'u',
  ),
}));

/** What the words of a text make of each category. */
export function suspicionsOf(text: string): Map<Category, Suspicion> {
  // Hangul that came in letters, as from macOS, is put together.
  const plain = text.normalize('NFKC').toLowerCase();
  const found = new Map<Category, Suspicion>();
  for (const { category, suspicion, pattern } of PATTERNS) {
    if (found.get(category) !== 'flagged' && pattern.test(plain)) found.set(category, suspicion);
  }
  const isFlagged = (category: Category) => found.get(category) === 'flagged';
  for (const category of categoryNames.filter(isFlagged)) {
    const [above] = category.split('/') as [Category];
    found.set(above, 'flagged');
  }
  for (const category of ['hate', 'harassment'] as const) {
    if (isFlagged(category) && isFlagged('violence')) found.set(`${category}/threatening`, 'flagged');
  }
  return found;
}
