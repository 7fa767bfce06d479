import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { Context } from '../context.ts';
import type { Failure } from '../errors.ts';
import { type AddressKind, addressKind, isLocalhost, literalAddress } from './address.ts';
import { cannotDownload, notToDownload } from './download-failure.ts';
import { goesPastProxies } from './transport/no-proxy.ts';
import { type Proxies, proxiesOf, proxyFor } from './transport/proxies.ts';

/** Looks up all addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** As other programs on this machine look names up: /etc/hosts counts. */
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

/** A URL that may be asked, and the way to it. */
export interface Hop {
  readonly url: URL;
  /** The addresses that were judged. Behind proxies, which look names up themselves, only what the URL says. */
  readonly addresses: readonly LookupAddress[];
  /** Those that the request goes through, if any. */
  readonly proxies: Proxies | undefined;
  /** On the internet at large, as far as can be known. */
  readonly isPublic: boolean;
}

export interface ReachOptions {
  /** The user typed the URL that comes first. */
  readonly typed: boolean;
  /** That of the API. */
  readonly baseUrl: string;
  /** Nothing is sent: there are no addresses to judge. */
  readonly offline: boolean;
}

/**
 * What a download may reach. An answer of the API must not make this machine ask its own network for things: it may
 * name what is on the internet, or what is where the API itself is. A user may name anything, but where that leads to
 * is again the word of others. Link-local addresses (where clouds keep credentials) are for APIs that have one.
 */
export class Reach {
  readonly #options: ReachOptions;
  readonly #resolve: Resolve;
  readonly #proxies: Proxies | undefined;
  #baseKinds: Promise<readonly AddressKind[]> | undefined;

  /** @throws Failure (usage) when the environment names a proxy that is no URL */
  constructor(options: ReachOptions, env: Context['env'], resolve: Resolve) {
    this.#options = options;
    this.#resolve = resolve;
    this.#proxies = proxiesOf(env);
  }

  /**
   * Finds the way to a URL: its name is looked up once, and each address is judged.
   * @param from the hop that led here
   * @throws Failure where it may not be asked; whatever the lookup throws
   */
  async hop(url: URL, from: Hop | undefined): Promise<Hop> {
    const fault = this.#faultOf(url);
    if (fault !== undefined) throw this.#refusal(url, from, fault);
    if (this.#options.offline) return { url, addresses: [], proxies: undefined, isPublic: true };
    const proxies = this.#proxiesTo(url);
    const addresses = await this.#addressesOf(url, proxies);
    const isPublic = addresses.length === 0 || addresses.some(({ address }) => kindOf(address) === 'public');
    for (const { address } of addresses) {
      const kind = kindOf(address);
      if (!(await this.#allows(kind, from))) throw this.#refusal(url, from, addressFault(address, kind));
    }
    return { url, addresses, proxies, isPublic };
  }

  /** What is wrong with the URL itself. */
  #faultOf({ protocol, username, password }: URL): string | undefined {
    const { typed, baseUrl } = this.#options;
    if (protocol !== 'https:' && protocol !== 'http:') return `${protocol} is neither https: nor http:`;
    if (username !== '' || password !== '') return 'the URL holds a user name or password';
    if (protocol === 'http:' && !typed && !baseUrl.startsWith('http:')) {
      return 'it is named by a plain http URL, whose answer anybody on the way can change';
    }
    return undefined;
  }

  #refusal({ host }: URL, from: Hop | undefined, reason: string): Failure {
    if (from !== undefined) return cannotDownload(host, reason, { hint: `${from.url.host} redirects there` });
    return this.#options.typed ? notToDownload(host, reason) : cannotDownload(host, reason);
  }

  #proxiesTo(url: URL): Proxies | undefined {
    const proxies = this.#proxies;
    if (proxies === undefined || proxyFor(proxies, url.href) === undefined) return undefined;
    return goesPastProxies(proxies.noProxy, url) ? undefined : proxies;
  }

  #addressesOf({ hostname }: URL, proxies: Proxies | undefined): Promise<readonly LookupAddress[]> {
    const literal = literalAddress(hostname);
    if (literal !== undefined) return Promise.resolve([given(literal)]);
    if (proxies === undefined) return this.#resolve(hostname);
    return Promise.resolve(isLocalhost(hostname) ? [given('127.0.0.1')] : []);
  }

  async #allows(kind: AddressKind, from: Hop | undefined): Promise<boolean> {
    if (kind === 'public') return true;
    if (this.#options.typed) return kind !== 'link-local' && from?.isPublic !== true;
    this.#baseKinds ??= this.#kindsOfBase();
    const base = await this.#baseKinds;
    // An API on this machine may have its files on another one of the same network; the reverse is no use.
    const near = base.includes('loopback') || base.includes('link-local');
    return base.includes(kind) || (kind === 'private' && near);
  }

  async #kindsOfBase(): Promise<readonly AddressKind[]> {
    const url = new URL(this.#options.baseUrl);
    const addresses = await this.#addressesOf(url, this.#proxiesTo(url)).catch(() => []);
    return addresses.map(({ address }) => kindOf(address));
  }
}

function given(address: string): LookupAddress {
  return { address, family: isIPv6(address) ? 6 : 4 };
}

/** A resolver may give what ipaddr.js cannot read: that is no place to go. */
function kindOf(address: string): AddressKind {
  try {
    return addressKind(address);
  } catch {
    return 'reserved';
  }
}

function addressFault(address: string, kind: AddressKind): string {
  return `it is at ${kind === 'reserved' ? 'an address that is reserved' : `a ${kind} address`} (${address})`;
}
