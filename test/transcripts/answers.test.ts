import { describe, expect, it } from 'vitest';
import { inPlace, joinAnswers } from '../../src/transcripts/answers.ts';
import { roomBeside } from '../../src/transcripts/request.ts';

const place = (number: number, start: number, speakers: string[] = []) => ({
  number,
  start,
  count: 2,
  speakers,
});

describe('answers to the parts of a recording', () => {
  it('have the times of the whole, in seconds and in frames', () => {
    const answer = {
      text: 'Hi.',
      segments: [{ id: 0, seek: 100, start: 1, end: 2.1, text: 'Hi.' }],
      words: [{ word: 'Hi', start: 1, end: 2 }],
    };
    expect(inPlace(answer, place(2, 10.2))).toEqual({
      text: 'Hi.',
      segments: [{ id: 0, seek: 1120, start: 11.2, end: 12.3, text: 'Hi.' }],
      words: [{ word: 'Hi', start: 11.2, end: 12.2 }],
    });
  });

  it('are one: counted, numbered anew, each language once', () => {
    const part = (seconds: number, languages: object[]) => ({
      text: 'Hi.',
      duration: seconds,
      languages,
      segments: [{ id: 'seg_001', text: 'Hi.' }],
      usage: { type: 'tokens', total_tokens: seconds, input_token_details: { audio_tokens: seconds } },
    });
    const answers = [part(3, [{ code: 'en' }]), part(4, [{ code: 'en' }, { code: 'ko' }])];
    expect(joinAnswers(answers, [place(1, 0), place(2, 3)])).toEqual({
      text: 'Hi. Hi.',
      duration: 7,
      languages: [{ code: 'en' }, { code: 'ko' }],
      segments: [
        { id: 'seg_001', text: 'Hi.' },
        { id: 'seg_002', text: 'Hi.' },
      ],
      usage: { type: 'tokens', total_tokens: 7, input_token_details: { audio_tokens: 7 } },
    });
  });
});

it('the fields of a request take room from its sound', () => {
  const room = (prompt: string) => roomBeside({ model: 'x', prompt });
  expect(room('') - room('é'.repeat(1000))).toBe(2000);
  expect(room('')).toBeLessThan(25 * 1024 * 1024);
});
