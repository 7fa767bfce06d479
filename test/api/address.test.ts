import { describe, expect, it } from 'vitest';
import { type AddressKind, addressKind, isLocalhost, literalAddress } from '../../src/api/address.ts';

describe('an address', () => {
  it.each<[string, AddressKind]>([
    ['93.184.216.34', 'public'],
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['100.63.255.255', 'public'],
    ['2606:4700::1111', 'public'],
    ['2a00:1450:4001:829::200e', 'public'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['fc00::1', 'private'],
    ['fd12:3456:789a::1', 'private'],
    ['fec0::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::1', 'loopback'],
    ['::', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['0.1.2.3', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['203.0.113.9', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['ff02::1', 'reserved'],
    ['100::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['4000::1', 'reserved'],
  ])('%s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });

  it.each<[string, AddressKind]>([
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:7f00:1', 'loopback'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['64:ff9b::8.8.8.8', 'public'],
    // Where the IPv4 address is in these, or whether one is, cannot be told.
    ['64:ff9b:1::a00:1', 'reserved'],
    ['::7f00:1', 'reserved'],
    ['::ffff:0:10.0.0.1', 'reserved'],
    ['2002:a00:1::', 'reserved'],
    ['2002:808:808::', 'reserved'],
    ['2001:0:a00:1::', 'reserved'],
  ])('of IPv4 within IPv6, %s, is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });

  it('is none where it is a name', () => {
    expect(() => addressKind('localhost')).toThrow();
  });
});

describe('the host of a URL', () => {
  it.each([
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://0177.0.0.01/', '127.0.0.1'],
    ['http://127.1/', '127.0.0.1'],
    ['http://127.0.0.1./', '127.0.0.1'],
    ['http://①②⑦.0.0.1/', '127.0.0.1'],
    ['http://[::FFFF:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://[0:0:0:0:0:0:0:1]/', '::1'],
    ['https://example.com/', undefined],
    ['https://10.0.0.1.nip.io/', undefined],
  ])('%s holds the address %s', (url, address) => {
    expect(literalAddress(new URL(url).hostname)).toBe(address);
  });

  it.each([
    ['localhost', true],
    ['localhost.', true],
    ['a.localhost', true],
    ['localhost.test', false],
    ['notlocalhost', false],
  ])('%s is this machine: %s', (name, expected) => {
    expect(isLocalhost(name)).toBe(expected);
  });
});
