import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Where an address leads: to the internet at large (`public`), into a network of the user's (`private`), to this
 * machine (`loopback`), to the wire that it hangs on (`link-local`: clouds keep credentials there), or nowhere that
 * a server of files is (`reserved`).
 */
export type AddressKind = 'public' | 'private' | 'loopback' | 'link-local' | 'reserved';

/** Kinds by ipaddr.js's names of ranges, which follow IANA's registries of special addresses. The rest is reserved. */
const KINDS: ReadonlyMap<string, AddressKind> = new Map([
  ['unicast', 'public'],
  ['private', 'private'],
  ['uniqueLocal', 'private'],
  ['deprecatedSiteLocal', 'private'],
  ['carrierGradeNat', 'private'],
  ['loopback', 'loopback'],
  ['linkLocal', 'link-local'],
]);

/** "This host" (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.2): who connects to it comes to this machine. */
const UNSPECIFIED: readonly string[] = ['0.0.0.0', '::'];
/** All that is given out of IPv6 for the internet at large (RFC 4291, section 2.4, and IANA's registry). */
const GLOBAL_UNICAST = ipaddr.IPv6.parse('2000::');
/** Behind these 96 bits is the IPv4 address that a network without IPv4 reaches by NAT64 (RFC 6052, section 2.1). */
const NAT64 = ipaddr.IPv6.parse('64:ff9b::');

/**
 * The kind of an IPv4 or IPv6 address. One of IPv4 that is wrapped up in IPv6 (mapped, NAT64) is what is in it.
 * @throws Error on what is no address
 */
export function addressKind(text: string): AddressKind {
  const address = ipaddr.process(text);
  if (UNSPECIFIED.includes(address.toString())) return 'loopback';
  if (address instanceof ipaddr.IPv6) {
    if (address.match(NAT64, 96)) return addressKind(address.toByteArray().slice(-4).join('.'));
    if (address.range() === 'unicast' && !address.match(GLOBAL_UNICAST, 3)) return 'reserved';
  }
  return KINDS.get(address.range()) ?? 'reserved';
}

/**
 * The address that stands in a URL in the place of a name. `URL` has put odd spellings right: `0x7f.1` is `127.0.0.1`.
 * @param hostname as `URL` has it: IPv6 in brackets
 * @returns undefined where it is a name
 */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : bare;
}

/** Whether a name is this machine's, whoever is asked for it (RFC 6761, section 6.3). */
export function isLocalhost(hostname: string): boolean {
  return /(^|\.)localhost\.?$/.test(hostname);
}
