import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { Context } from '../context.ts';

/** The certificate that a server shows, whether it is trusted or not. */
export interface Certificate {
  /** Who vouches for it: an organization, or a name. */
  readonly issuer: string;
  /** The end of its validity: ms since 1970. */
  readonly validTo: number;
  /** `TLSv1.3` */
  readonly protocol: string;
}

/** How long a server may take to show it, in ms. */
const LIMIT_MS = 5000;

/**
 * Asks a server for its certificate. Nothing else is said to it.
 * @param url an https URL that is reached without a proxy
 * @returns undefined where there is no telling
 */
export function certificateOf(url: string, context: Context): Promise<Certificate | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      ...(isIP(host) === 0 && { servername: host }),
      // It is looked at, and nothing is sent: whether it is trusted is for the requests to say.
      rejectUnauthorized: false,
    });
    const end = (certificate: Certificate | undefined) => {
      timer.cancel();
      context.signal.removeEventListener('abort', give);
      socket.destroy();
      resolve(certificate);
    };
    const give = () => end(undefined);
    const timer = context.clock.timer(LIMIT_MS, give);
    context.signal.addEventListener('abort', give, { once: true });
    socket.once('error', give);
    socket.once('secureConnect', () => end(shownBy(socket)));
  });
}

function shownBy(socket: TLSSocket): Certificate | undefined {
  const { issuer, valid_to: until }: Partial<PeerCertificate> = socket.getPeerCertificate();
  if (issuer === undefined || until === undefined) return undefined;
  const names: readonly unknown[] = [issuer.O, issuer.CN].flat();
  return {
    issuer: String(names.find((name) => typeof name === 'string' && name !== '') ?? 'nobody'),
    validTo: Date.parse(until),
    protocol: socket.getProtocol() ?? 'TLS',
  };
}
