import { describe, expect, it } from 'vitest';
import {
  detectProtocol,
  isAnswered,
  type Protocol,
  protocolOfEnvironment,
  protocolOfReply,
  protocolQuestion,
} from '../../src/preview/detect-protocol.ts';
import { fakeContext } from '../support/context.ts';

type Environment = Record<string, string>;

describe('the environment', () => {
  it.each<[Environment, Protocol | undefined]>([
    [{ TERM: 'xterm-kitty' }, 'kitty'],
    [{ TERM: 'xterm-256color', KITTY_WINDOW_ID: '1' }, 'kitty'],
    [{ TERM: 'xterm-ghostty' }, 'kitty'],
    [{ TERM_PROGRAM: 'ghostty' }, 'kitty'],
    [{ GHOSTTY_RESOURCES_DIR: '/usr/share/ghostty' }, 'kitty'],
    [{ TERM_PROGRAM: 'WezTerm' }, 'kitty'],
    [{ WEZTERM_PANE: '0' }, 'kitty'],
    [{ TERM_PROGRAM: 'rio' }, 'kitty'],
    [{ TERM_PROGRAM: 'WarpTerminal' }, 'kitty'],
    [{ KONSOLE_VERSION: '220400' }, 'kitty'],
    [{ KONSOLE_VERSION: '240801' }, 'kitty'],
    [{ KONSOLE_VERSION: '211203' }, undefined],
    [{ KONSOLE_VERSION: 'new' }, undefined],
    [{ TERM_PROGRAM: 'iTerm.app' }, 'iterm2'],
    [{ LC_TERMINAL: 'iTerm2' }, 'iterm2'],
    [{ TERM_PROGRAM: 'mintty' }, 'iterm2'],
    [{ TERM_PROGRAM: 'Apple_Terminal', TERM: 'xterm-256color' }, 'blocks'],
    [{ TERM: 'linux' }, 'blocks'],
    [{ TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.106.0' }, undefined],
    [{ TERM: 'xterm-256color' }, undefined],
    [{ TERM: 'foot' }, undefined],
    [{ TERM_PROGRAM: 'constructor', TERM: 'toString' }, undefined],
    [{}, undefined],
  ])('%j tells of %s', (env, protocol) => {
    expect(protocolOfEnvironment(env)).toBe(protocol);
  });

  it.each<[string, Environment, Protocol | undefined]>([
    ['kitty from iTerm2', { TERM: 'xterm-kitty', TERM_PROGRAM: 'iTerm.app', LC_TERMINAL: 'iTerm2' }, 'kitty'],
    ['iTerm2 from kitty', { TERM_PROGRAM: 'iTerm.app', KITTY_WINDOW_ID: '1' }, 'iterm2'],
    ['VS Code from kitty', { TERM_PROGRAM: 'vscode', KITTY_WINDOW_ID: '1' }, undefined],
    ['kitty through an ssh from iTerm2', { LC_TERMINAL: 'iTerm2', KITTY_WINDOW_ID: '1' }, 'kitty'],
  ])('of %s is that of the terminal which was started last', (_, env, protocol) => {
    expect(protocolOfEnvironment(env)).toBe(protocol);
  });

  it.each<[Environment]>([
    [{ TMUX: '/tmp/tmux-1000/default,1,0' }],
    [{ STY: '4242.pts-0.host' }],
    [{ ZELLIJ: '0' }],
    [{ TERM: 'tmux-256color' }],
    [{ TERM: 'screen.xterm-256color' }],
  ])('tells nothing behind %j', (multiplexer) => {
    for (const env of [
      { KITTY_WINDOW_ID: '1' },
      { TERM_PROGRAM: 'iTerm.app' },
      { LC_TERMINAL: 'iTerm2' },
      { TERM_PROGRAM: 'WezTerm' },
    ]) {
      expect(protocolOfEnvironment({ ...env, ...multiplexer })).toBeUndefined();
      // Kitty's question would become the title of a window of tmux.
      expect(protocolQuestion({ ...env, ...multiplexer })).toBe('\u001b[c');
    }
  });
});

const KITTY_OK = '\u001b_Gi=31;OK\u001b\\';

describe("the terminal's reply", () => {
  it.each<[string, Environment, Protocol]>([
    [`${KITTY_OK}\u001b[?62;c`, {}, 'kitty'],
    [`${KITTY_OK}\u001b[?62;4c`, {}, 'kitty'],
    ['\u001b_Gi=31;ENOTSUPPORTED:no\u001b\\\u001b[?62;4;22c', {}, 'sixel'],
    ['\u001b[?62;4;22c', {}, 'sixel'],
    ['\u001b[?63;1;2;3;4;7;29c', {}, 'sixel'],
    ['\u001b[?62;4;9;22c', { TERM_PROGRAM: 'vscode' }, 'iterm2'],
    ['\u001b[?1;2c', { TERM_PROGRAM: 'vscode' }, 'blocks'],
    // A VT132 is of class 4; 14 and 44 are other attributes.
    ['\u001b[?4;6c', {}, 'blocks'],
    ['\u001b[?62;14;44c', {}, 'blocks'],
    ['\u001b[?1;2c', {}, 'blocks'],
    ['\u001b[?6c', {}, 'blocks'],
    ['', {}, 'blocks'],
    ['typed ahead\u001b[?62;4c', {}, 'sixel'],
    ['4c', {}, 'blocks'],
    [`${KITTY_OK}\u001b[?1;2;4c`, { TMUX: 'x' }, 'sixel'],
    [`${KITTY_OK}\u001b[?1;2c`, { TMUX: 'x' }, 'blocks'],
    ['\u001b[?62;4c', { TMUX: 'x', TERM_PROGRAM: 'vscode' }, 'sixel'],
  ])('%j with %j is %s', (reply, env, protocol) => {
    expect(protocolOfReply(reply, env)).toBe(protocol);
  });

  it('is whole with the attributes, and not before', () => {
    expect(isAnswered(`${KITTY_OK}\u001b[?62;4`)).toBe(false);
    expect(isAnswered(KITTY_OK)).toBe(false);
    expect(isAnswered('c')).toBe(false);
    expect(isAnswered(`${KITTY_OK}\u001b[?62;4c`)).toBe(true);
  });
});

describe('a terminal of which nothing is known', () => {
  it('is asked for both at once, with little patience', async () => {
    const questions: unknown[] = [];
    const context = fakeContext({
      askTerminal: async (query, isWhole, limit) => {
        questions.push([query, limit, isWhole('\u001b[?6c')]);
        return '\u001b[?62;4c';
      },
    });
    expect(await detectProtocol(context)).toBe('sixel');
    expect(questions).toEqual([['\u001b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u001b\\\u001b[c', 200, true]]);
  });

  it('may be far away', async () => {
    for (const env of [{ SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, { SSH_TTY: '/dev/pts/1' }]) {
      const limits: number[] = [];
      const context = fakeContext({
        env,
        askTerminal: async (_query, _isWhole, limit) => {
          limits.push(limit);
          return '';
        },
      });
      expect(await detectProtocol(context)).toBe('blocks');
      expect(limits).toEqual([1000]);
    }
  });

  it('is not asked where the environment tells', async () => {
    const context = fakeContext({
      env: { TERM: 'xterm-kitty' },
      askTerminal: () => Promise.reject(new Error('asked')),
    });
    expect(await detectProtocol(context)).toBe('kitty');
  });
});
