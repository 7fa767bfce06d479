// What is shown in docs/recording.svg: lines that are typed in a shell, screen by screen.

/**
 * A screen that begins empty.
 * @typedef {object} Scene
 * @property {string[]} lines what is typed
 * @property {'words' | 'rows'} appears how what is printed comes up: as a model writes it, or line by line
 * @property {number} rest how long it stays when all of it is there, in seconds
 */

/** The file that a scene reads. (No scene runs `oai` twice in a pipe: who is first to draw on the terminal is chance.) */
export const FILES = {
  'cats.md': `Three facts about cats.

| cat | sleeps | hours |
|---|---|---:|
| Miso | on the **sofa** | 14 |
| 고양이 | by the window | 16 |

\`\`\`python
def awake(hours):
    return 24 - hours  # not many
\`\`\`
`,
};

/** @type {Scene[]} */
export const SCENES = [
  { lines: ['oai chat "what is in this file?" < cats.md'], appears: 'words', rest: 2 },
  {
    lines: [
      `oai structured --fields 'name, age int, tags [string]' 'Ann is 30' | jq .`,
      'oai speak "good morning" && oai transcribe good-morning.mp3 -f srt',
    ],
    appears: 'rows',
    rest: 2,
  },
  { lines: ['oai image "a siamese cat" --size 1536x768 --show'], appears: 'rows', rest: 2 },
  {
    lines: [
      'oai embed --compare "a cat sat" "the cat sat"',
      'oai moderate --fail-on-flagged "I will kill you" > verdict; echo $?',
    ],
    appears: 'rows',
    rest: 1.5,
  },
  { lines: ['oai | head -n 21'], appears: 'rows', rest: 3 },
];
