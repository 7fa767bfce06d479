import { describe, expect, it } from 'vitest';
import { lifecycleOf } from '../../src/api/models.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { checkRequest, checkResponse } from '../support/openapi.ts';
import { Client, refused, served, socketOf } from '../support/realtime-client.ts';

const PATH = '/realtime/client_secrets';
const NOW = Date.parse('2026-11-21T12:00:00Z') / 1000;

interface Told {
  readonly value: string;
  readonly session: object;
  readonly error: { readonly param: string | null };
}

async function create(url: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}${PATH}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const told = (await answer.json()) as Told;
  checkResponse('POST', PATH, answer.status, told);
  return { status: answer.status, told };
}

describe('a client secret', () => {
  it('opens a session that is as it was asked for', async () => {
    const { url } = await served({});
    const session = { type: 'realtime', model: 'gpt-realtime-2.1-mini', instructions: 'Be brief.' };
    const body = { expires_after: { anchor: 'created_at', seconds: 60 }, session };
    checkRequest('POST', PATH, body);
    const { told } = await create(url, body);
    expect(told).toMatchObject({ value: expect.stringMatching(/^ek_[0-9a-f]{32}$/), expires_at: NOW + 60 });
    const client = new Client(socketOf(url, { key: told.value }));
    expect(await client.next()).toMatchObject({ session: { instructions: 'Be brief.' } });
    client.socket.terminate();
  });

  it('lasts ten minutes where nobody says', async () => {
    const { url } = await served({});
    expect((await create(url, {})).told).toMatchObject({
      expires_at: NOW + 600,
      session: { model: 'gpt-realtime-2.1' },
    });
  });

  it('is for listening alone', async () => {
    const { url } = await served({});
    const transcription = { model: 'gpt-live-transcribe' };
    const { told } = await create(url, {
      session: { type: 'transcription', audio: { input: { transcription } } },
    });
    expect(told.session).toMatchObject({ type: 'transcription', audio: { input: { transcription } } });
    const client = new Client(socketOf(url, { key: told.value, path: '/realtime?intent=transcription' }));
    expect(await client.next()).toMatchObject({ session: { audio: { input: { transcription } } } });
    client.socket.terminate();
  });

  it('is another each time', async () => {
    const { url } = await served({});
    const [one, other] = [await create(url, {}), await create(url, {})];
    expect(one.told.value).not.toBe(other.told.value);
  });

  it('is known by another sandbox, until it has expired', async () => {
    const { url } = await served({});
    const { value } = (await create(url, { expires_after: { seconds: 10 } })).told;
    const later = (ms: number) => new FakeClock({ now: NOW * 1000 + ms, leap: true });
    const { url: other } = await served({ clock: later(9000) });
    const client = new Client(socketOf(other, { key: value }));
    expect(await client.next()).toMatchObject({ type: 'session.created' });
    client.socket.terminate();
    const { status, text } = await refused({ key: value, clock: later(10_000) });
    expect({ status, error: JSON.parse(text).error }).toMatchObject({
      status: 401,
      error: { message: 'The client secret has expired.' },
    });
  });

  it('that nobody made is none', async () => {
    expect(await refused({ key: 'ek_nonsense' })).toMatchObject({ status: 401 });
  });

  it.each([
    [{ expires_after: { seconds: 9 } }, 'expires_after.seconds'],
    [{ expires_after: { seconds: 7201 } }, 'expires_after.seconds'],
    [{ expires_after: { anchor: 'now' } }, 'expires_after.anchor'],
    [{ session: { type: 'chat' } }, 'session.type'],
    [{ session: {} }, 'session.type'],
    [{ session: { type: 'realtime', audio: { output: { voice: 'nova' } } } }, 'session.audio.output.voice'],
    [{ session: { type: 'realtime', model: 'gpt-realtime-9' } }, undefined],
  ])('is not made of %j', async (body, param) => {
    const { url } = await served({});
    const { status, told } = await create(url, body);
    expect(status).toBeGreaterThanOrEqual(400);
    if (param !== undefined) expect(told.error.param).toBe(param);
  });

  it('is made in process as well', async () => {
    const sandbox = createSandbox({ clock: new FakeClock(), lifecycleOf });
    const request = new Request(`http://sandbox/v1${PATH}`, { method: 'POST' });
    expect(await (await sandbox.answer(request)).json()).toMatchObject({ expires_at: NOW + 600 });
  });
});
