// `npm run demo`: every command, run for real against the sandbox, with what it printed and saved.
// No key and no network are needed. It fails when a command ends with another exit code than the one shown.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const work = mkdtempSync(join(tmpdir(), 'oai-demo-'));
const home = join(work, 'home');
const desk = join(work, 'desk');
const programs = join(work, 'bin');
for (const folder of [home, desk, programs]) mkdirSync(folder);
symlinkSync(join(root, 'bin', 'oai.js'), join(programs, 'oai'));
writeFileSync(join(desk, 'reviewer.md'), 'You review C. Be brief.\n');
writeFileSync(join(desk, 'main.c'), 'int main() { return 0; }\n');
writeFileSync(join(desk, 'weather.sh'), '#!/bin/sh\nread -r args; echo "rain for $args"\n', { mode: 0o755 });
const weather = {
  description: 'The weather in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
writeFileSync(join(desk, 'weather.sh.json'), JSON.stringify(weather));
const tools = [{ type: 'function', function: { name: 'weather', ...weather } }];
const body = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'hello' }] };
const request = { custom_id: 'first', method: 'POST', url: '/v1/chat/completions', body };
writeFileSync(join(desk, 'requests.jsonl'), `${JSON.stringify(request)}\n`);
writeFileSync(join(desk, 'tools.json'), JSON.stringify(tools));

const examples = Array.from({ length: 12 }, (_, n) => ({
  messages: [
    { role: 'user', content: `What is ${n}?` },
    { role: 'assistant', content: `It is ${n}, with a smile.` },
  ],
}));
writeFileSync(join(desk, 'train.jsonl'), examples.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** @type {{ title: string, lines: { line: string, code?: number, env?: Record<string, string>, saves?: string }[] }[]} */
const chapters = [
  {
    title: 'chat: a question, a pipe, a role, JSON',
    lines: [
      { line: 'oai chat --sandbox "explain recursion as a haiku"' },
      {
        line: 'printf "a diff\\n" | oai chat --sandbox "write the commit message" | tee msg.txt',
        saves: 'msg.txt',
      },
      { line: 'oai chat --sandbox -s @reviewer.md -m gpt-6.1-sol "review this" < main.c' },
      { line: 'oai chat --sandbox -r translate --var to=German "good morning"' },
      { line: 'oai chat --sandbox -t 0 --max-tokens 40 "hello"' },
      { line: 'oai chat --sandbox -a reviewer.md -a main.c "who wrote these?"' },
      { line: 'oai chat --sandbox --audio coral -o said.wav "hello"', saves: 'said.wav' },
      { line: 'oai chat --sandbox -a said.wav "what was said?"' },
      { line: 'oai chat --sandbox --json "hello"' },
      { line: 'oai chat --dry-run "hello"' },
    ],
  },
  {
    title: 'chat: tools',
    lines: [
      {
        line: `oai chat --sandbox --tool weather=./weather.sh --yes 'weather {"city":"Oslo"}, weather {"city":"Rome"}'`,
      },
      {
        line: 'oai chat --sandbox --tools tools.json "the weather?" > calls.json',
        code: 10,
        saves: 'calls.json',
      },
      {
        line: 'oai chat --sandbox --messages calls.json --tool-result "$(jq -r ".tool_calls[0].id" calls.json)=rain"',
      },
      { line: `oai chat --sandbox --tool weather=./weather.sh --yes 'weather {"town":"Oslo"}'` },
      { line: 'oai chat --sandbox --tool weather="./weather.sh | head" "hello"', code: 2 },
    ],
  },
  {
    title: 'chat: remembered',
    lines: [
      { line: 'oai chat -c "and then?"', code: 2 },
      { line: 'oai chat --sandbox --usage --conversation trip --create "where to?"' },
      { line: 'oai chat -c "and by train?"' },
      { line: 'oai chat -c --fork "and by boat?"' },
      { line: 'oai chat --conversation tripp "hello"', code: 2 },
      { line: 'oai history list' },
      { line: 'oai history show trip' },
      { line: 'oai history search train | jq -r .line' },
      { line: 'oai history export trip -o trip.jsonl', saves: 'trip.jsonl' },
      { line: 'oai chat --sandbox --messages trip.jsonl "sum up"' },
      { line: 'oai history usage' },
      { line: 'oai history delete trip', code: 2 },
      { line: 'oai history delete --all --yes' },
    ],
  },
  {
    title: 'chat: a bad day',
    lines: [
      { line: 'oai chat "hello"', code: 3 },
      { line: 'oai chat --sandbox "hello"', env: { OAI_SANDBOX: '429x2,retry-after=200ms' } },
      { line: 'oai chat --sandbox "tell me a story"', env: { OAI_SANDBOX: 'cut@3' }, code: 6 },
      { line: 'oai chat --sandbox "hello"', env: { OAI_SANDBOX: 'refusal' }, code: 7 },
      { line: 'oai chat --sandbox --tempreature 0 "hello"', code: 2 },
    ],
  },
  {
    title: 'image, edit, variation: pictures as files',
    lines: [
      {
        line: 'oai image --sandbox "two otters" -n 2 --size 1024x1024 -o otters/',
        saves: 'otters/two-otters-2.png',
      },
      { line: 'oai image --sandbox "a lounge" -f webp -o lounge.webp', saves: 'lounge.webp' },
      { line: 'oai image --sandbox --partial 2 --json "a corgi" -o corgi.png', saves: 'corgi.partial-1.png' },
      {
        line: 'oai edit --sandbox lounge.webp --mask-rect 200,500,400,300 -p "a pool with a flamingo" -o pool.png',
        saves: 'pool.png',
      },
      { line: 'cat corgi.png | oai edit --sandbox - -p "make it blue" -o - > blue.png', saves: 'blue.png' },
      { line: 'oai variation --sandbox corgi.png --like "in watercolour"', saves: 'corgi-variation.png' },
      { line: 'oai edit --dry-run corgi.png "add a hat"' },
      { line: 'oai image --sandbox "a cat" -o corgi.png', code: 2 },
      { line: 'oai image --sandbox "a cat"', env: { OAI_SANDBOX: 'refusal' }, code: 7 },
    ],
  },
  {
    title: 'speak: a text as sound',
    lines: [
      { line: 'oai speak --sandbox "good morning"', saves: 'good-morning.mp3' },
      {
        line: 'seq 1 1500 | oai speak --sandbox -v marin -f wav --json -o numbers.wav',
        saves: 'numbers.wav',
      },
      {
        line: 'oai speak --sandbox --via realtime -o live.mp3 "read by a model that converses"',
        saves: 'live.mp3',
      },
      { line: 'oai speak --sandbox -o - "hello" | head -c 3 | od -An -c' },
      { line: 'oai speak --sandbox -v nobody "hello"', code: 2 },
    ],
  },
  {
    title: 'realtime: a live session, typed and spoken',
    lines: [
      { line: "printf 'hello\\nand again\\n' | oai realtime --sandbox" },
      { line: 'oai realtime --sandbox --in live.mp3 -o reply.wav', saves: 'reply.wav' },
      { line: 'cat reply.wav | oai realtime --sandbox --transcribe -' },
      { line: `oai realtime --sandbox --tool weather=./weather.sh --yes 'weather {"city":"Oslo"}'` },
      { line: 'oai realtime --sandbox client-secret --expires-after 1m' },
      { line: 'oai realtime --dry-run "hello"' },
    ],
  },
  {
    title: 'transcribe: what is said, as text, as subtitles, with speakers',
    lines: [
      { line: 'oai transcribe --sandbox good-morning.mp3' },
      { line: 'oai speak --sandbox "안녕하세요. 반갑습니다." -o - | oai transcribe --sandbox -f srt' },
      { line: 'oai transcribe --sandbox --json --timestamps word live.mp3' },
      { line: 'oai transcribe --sandbox --diarize live.mp3' },
      { line: 'oai transcribe --sandbox good-morning.mp3 live.mp3 -f vtt -o subtitles/' },
      { line: 'oai transcribe --sandbox good-morning.mp3 live.mp3 -f vtt -o subtitles/' },
      { line: 'oai transcribe --dry-run good-morning.mp3' },
      { line: 'oai transcribe --sandbox main.c', code: 2 },
    ],
  },
  {
    title: 'translate: speech, text and subtitles in another language',
    lines: [
      { line: 'oai translate --sandbox live.mp3 --to ko -f srt' },
      { line: 'echo 안녕하세요 | oai translate --sandbox --to en' },
      { line: 'oai translate --sandbox subtitles/live.vtt --to French' },
      { line: 'oai translate --sandbox live.mp3', env: { OAI_SANDBOX: 'gone=whisper-1' } },
    ],
  },
  {
    title: 'rows: each by itself, in order, gone on with where a run stopped',
    lines: [
      {
        line: 'printf "one\\ntwo\\n" | oai chat --sandbox --each "say it again" -o done.jsonl',
        saves: 'done.jsonl',
      },
      {
        line: 'printf "one\\ntwo\\nthree\\n" | oai chat --sandbox --each "say it again" -o done.jsonl',
        saves: 'done.jsonl',
      },
      { line: `printf '{"t":"a"}\\nnope\\n' | oai chat --sandbox --rows jsonl "Say {{t}}"`, code: 9 },
      { line: 'seq 1 1000 | oai embed --sandbox --each --dimensions 8 -o vectors.npy', saves: 'vectors.npy' },
    ],
  },
  {
    title: 'embed, moderate, structured: vectors, verdicts, answers of a given form',
    lines: [
      { line: 'oai embed --sandbox --dimensions 4 "a cat sat"' },
      { line: 'oai embed --sandbox --compare "a cat sat" "the cat sat"' },
      { line: 'oai moderate --sandbox "I will hug you" | head -n 3' },
      { line: 'oai moderate --sandbox --fail-on-flagged "I will kill you"', code: 7 },
      { line: `oai structured --sandbox --fields 'name, age int, tags [string]' "Ann is 30"` },
      { line: `oai structured --sandbox --fields 'name, mood (good|bad)' --multi -f csv "Ann and Bob"` },
    ],
  },
  {
    title: 'index: your own texts, searched by what they mean',
    lines: [
      { line: 'oai index add --sandbox reviewer.md main.c --db texts.db', saves: 'texts.db' },
      { line: 'oai index add --sandbox reviewer.md main.c --db texts.db --json' },
      { line: 'echo 고양이는 소파에서 잔다 | oai index add --sandbox - --name cats --db texts.db' },
      { line: 'oai index search --sandbox "고양이" --db texts.db -k 1' },
      { line: 'oai index info --db texts.db' },
      { line: 'oai index add --sandbox . -m text-embedding-3-large --db texts.db', code: 2 },
    ],
  },
  {
    title: 'vector-store: files that the API searches',
    lines: [
      { line: 'oai vector-store create reviewer.md main.c --name docs --sandbox' },
      { line: 'printf "no PDF" > broken.pdf; oai vector-store create . --sandbox', code: 9 },
      { line: 'oai vector-store search vs_1 "who reviews?" --filter "lang ~ en" --sandbox', code: 2 },
      { line: `oai vector-store search vs_1 "who reviews?" --filter 'lang=en and year>=2024' --dry-run` },
    ],
  },
  {
    title: 'respond: hosted tools, the background',
    lines: [
      { line: 'oai respond --sandbox --web-search "what is new?"' },
      { line: 'oai respond --sandbox --image-generation "a cat in a lab"', saves: 'a-cat-in-a-lab.png' },
      { line: 'oai respond --sandbox --mcp docs=https://example.com/mcp "look it up"', code: 10 },
      { line: 'oai chat --sandbox --via responses --reasoning-effort high "hello"' },
      { line: 'oai chat --sandbox --via responses -n 2 "hello"', code: 2 },
    ],
  },
  {
    title: 'complete: a text that is gone on with',
    lines: [{ line: 'oai complete --sandbox -m sandbox-base --suffix "the end" "Once upon a time"' }],
  },
  {
    title: 'files: sent, and looked at before',
    lines: [
      { line: 'oai files upload requests.jsonl --sandbox --purpose batch --expires-after 7d' },
      { line: 'oai files upload requests.jsonl --sandbox --json --purpose batch --part-size 100' },
      { line: 'oai files lint requests.jsonl --for batch | jq -c "[.rows, .tokens, .endpoint]"' },
      { line: 'oai files upload main.c --sandbox --purpose fine-tune', code: 2 },
      { line: 'oai files list --sandbox' },
    ],
  },
  {
    title: 'batch: many requests at half the price',
    lines: [
      { line: 'oai batch create requests.jsonl --sandbox --wait -o answers.jsonl', saves: 'answers.jsonl' },
      {
        line: 'oai batch create requests.jsonl --sandbox --wait | jq -r .custom_id',
        env: { OAI_SANDBOX: 'batch-expired=1' },
      },
      {
        line: 'oai batch create requests.jsonl --sandbox --wait',
        code: 4,
        env: { OAI_SANDBOX: 'batch=failed' },
      },
      { line: 'oai batch create main.c --sandbox', code: 2 },
      { line: 'oai batch get batch_x --sandbox', code: 4 },
      { line: 'oai batch list --sandbox' },
    ],
  },
  {
    title: 'api: any endpoint',
    lines: [
      { line: 'oai api GET /models/gpt-6-luna --sandbox' },
      {
        line: 'oai api POST /embeddings -F model=text-embedding-3-small -F input=hi -F dimensions=2 --sandbox',
      },
      { line: 'oai api GET models --sandbox', code: 2 },
    ],
  },
  {
    title: 'models: what there is, and what ends',
    lines: [{ line: 'oai models get gpt-6-luna --sandbox' }, { line: 'oai models --sandbox --retiring 0' }],
  },
  {
    title: 'finetune: models of your own',
    lines: [
      { line: 'oai finetune create --sandbox train.jsonl -m gpt-4o-mini --suffix smile --wait' },
      { line: 'oai finetune create --sandbox train.jsonl -m gpt-4o-mini --follow | tail -2' },
      {
        line: 'oai finetune create --sandbox train.jsonl -m gpt-4o-mini --wait',
        env: { OAI_SANDBOX: 'finetune=fail' },
        code: 4,
      },
      { line: 'head -3 train.jsonl | oai finetune create --sandbox - -m gpt-4o-mini', code: 2 },
      { line: 'oai finetune create --dry-run file-abc -m gpt-4o-mini --method dpo --beta 0.2' },
    ],
  },
  {
    title: 'tokens: counted here',
    lines: [
      { line: 'oai tokens < main.c' },
      { line: 'oai tokens --json "안녕하세요"' },
      { line: 'oai tokens -m text-embedding-3-small --limit 2 "안녕하세요"', code: 11 },
    ],
  },
  {
    title: 'cassettes: recorded once, replayed for ever',
    lines: [
      { line: 'oai chat --record tapes --sandbox "hello"' },
      { line: 'ls tapes' },
      { line: 'oai chat --replay tapes "hello"' },
      { line: 'oai chat --replay tapes "hullo"', code: 2 },
    ],
  },
  {
    title: 'config: settings and where they come from',
    lines: [
      { line: 'oai config set timeout 2m' },
      { line: 'oai config set profiles.work.key_command "pass show openai"' },
      { line: 'oai config get timeout' },
      { line: 'oai config list' },
      { line: 'oai config profiles' },
      { line: 'cat "$(oai config path)"' },
    ],
  },
  {
    title: 'doctor: what is wrong here, and what to do about it',
    lines: [
      { line: 'oai doctor --sandbox' },
      { line: 'oai doctor --offline --json | jq -c .broken', code: 0 },
    ],
  },
  {
    title: 'completion: what Tab offers',
    lines: [
      { line: 'oai completion bash | head -n 3' },
      { line: 'oai __complete zsh chat --reasoning-effort m' },
    ],
  },
  {
    title: 'sandbox: the same answers over HTTP, for other programs',
    lines: [
      {
        line:
          'oai sandbox --quiet --port 0 > url & until [ -s url ]; do sleep 0.1; done; ' +
          'curl -s "$(cat url)/models/gpt-6-luna"; echo; oai chat --base-url "$(cat url)" "hello"; kill $!',
      },
    ],
  },
];

/** @param {string} text */
const indented = (text) => text.replace(/^(?=.)/gm, '  ');

/**
 * Runs one line in a shell of a fresh machine, and shows it.
 * @param {{ line: string, code?: number, env?: Record<string, string>, saves?: string }} step
 * @returns whether it ended as it should
 */
function show({ line, code = 0, env = {}, saves = '' }) {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value} `);
  console.log(`$ ${settings.join('')}${line}`);
  const result = spawnSync('sh', ['-c', line], {
    cwd: desk,
    env: { PATH: `${programs}:${process.env['PATH']}`, HOME: home, ...env },
    encoding: 'utf8',
    input: '',
  });
  process.stdout.write(indented(result.stdout + result.stderr));
  if (saves !== '') console.log(`  (${saves}: ${readFileSync(join(desk, saves)).length} bytes)`);
  if (code !== 0) console.log(`  (exit ${result.status})`);
  console.log();
  if (result.status === code) return true;
  console.log(`  this should have ended with ${code}, not with ${result.status}\n`);
  return false;
}

let wrong = 0;
for (const { title, lines } of chapters) {
  console.log(`# ${title}\n`);
  wrong += lines.filter((line) => !show(line)).length;
}
rmSync(work, { recursive: true, force: true });
console.log(
  wrong === 0 ? 'All of it was answered by the sandbox: no key, no network.' : `${wrong} went wrong.`,
);
process.exitCode = wrong === 0 ? 0 : 1;
