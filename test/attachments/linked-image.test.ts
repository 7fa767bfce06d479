import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/api/client.ts';
import { mayBePassedOn } from '../../src/attachments/linked-image.ts';
import { fakeContext } from '../support/context.ts';

const api = (settings: object = {}, { dryRun = false, offline = false } = {}) =>
  ({ settings: { takesImageUrls: true, ...settings }, files: { fetch, offline }, dryRun }) as Api;
const resolveTo = (address: string) => async () => [{ address, family: address.includes(':') ? 6 : 4 }];
const unknown = async () => {
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};
const asked = (
  url: string,
  of = api(),
  resolve: Parameters<typeof mayBePassedOn>[3] = resolveTo('93.184.215.14'),
) => mayBePassedOn(new URL(url), of, fakeContext(), resolve);

describe('an image is passed on by its URL', () => {
  it.each([
    'https://example.com/a.png',
    'https://example.com/A.JPG?x=1',
    'http://example.com/a.webp',
    'https://93.184.215.14/a.gif',
  ])('%s', async (url) => {
    expect(await asked(url)).toBe(true);
  });

  it.each([
    ['what does not say that it is one', 'https://example.com/a'],
    ['another file', 'https://example.com/a.pdf'],
    ['an image that few see', 'https://example.com/a.tiff'],
    ['this machine', 'http://localhost/a.png'],
    ['this machine by its number', 'http://127.0.0.1/a.png'],
    ['this machine, oddly', 'http://0x7f.1/a.png'],
    ['a network of the user', 'http://192.168.1.9/a.png'],
    ['the credentials of a cloud', 'http://169.254.169.254/a.png'],
    ['a network in IPv6', 'http://[fd00::1]/a.png'],
    ['a name without a dot', 'https://wiki/a.png'],
    ['a name of a network', 'https://cam.home.arpa/a.png'],
    ['a name of a company', 'https://wiki.corp/a.png'],
    ['a password', 'https://ann:x@example.com/a.png'],
  ])('not %s', async (_, url) => {
    expect(await asked(url)).toBe(false);
  });

  it('not where its name leads into a network of the user, or nowhere', async () => {
    expect(await asked('https://wiki.example.com/a.png', api(), resolveTo('10.1.2.3'))).toBe(false);
    expect(await asked('https://wiki.example.com/a.png', api(), resolveTo('fe80::1'))).toBe(false);
    expect(await asked('https://wiki.example.com/a.png', api(), unknown)).toBe(false);
  });

  it('not to a server that fetches none', async () => {
    expect(await asked('https://example.com/a.png', api({ takesImageUrls: false }))).toBe(false);
  });

  it('without a look at any name in a dry run, in the sandbox or from a cassette', async () => {
    expect(await asked('https://example.com/a.png', api({}, { dryRun: true }), unknown)).toBe(true);
    expect(await asked('https://example.com/a.png', api({}, { offline: true }), unknown)).toBe(true);
    expect(await asked('https://wiki/a.png', api({}, { dryRun: true }), unknown)).toBe(false);
  });
});
