import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { goesPastProxies } from '../api/transport/no-proxy.ts';
import { proxiesOf, proxyFor, proxyVariable } from '../api/transport/proxies.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { variable } from '../settings/paths.ts';
import { broken, type Finding, ok, warning } from './finding.ts';

/** The way that requests take, as the environment has it. */
export interface Way {
  /** Host and port; undefined for the direct way. */
  readonly proxy: string | undefined;
  /** False where there is no way to make a request. */
  readonly open: boolean;
  readonly findings: readonly Finding[];
}

/** Through which proxy a base URL is reached. */
export function examineWay(baseUrl: string, { env }: Context): Way {
  try {
    const proxies = proxiesOf(env);
    const proxy = proxies === undefined ? undefined : proxyFor(proxies, baseUrl);
    const name = proxyVariable(env, baseUrl) ?? null;
    const { host } = new URL(baseUrl);
    if (proxy === undefined) return direct(`none: ${host} is reached directly`, null);
    if (goesPastProxies(proxies?.noProxy, new URL(baseUrl))) {
      return direct(`NO_PROXY names ${host}: it is reached without that of ${name}`, name);
    }
    // Without user name and password.
    const shown = new URL(proxy).host;
    const found = ok('proxy', `${host} is reached through ${shown} (${name})`, {
      proxy: shown,
      variable: name,
    });
    return { proxy: shown, open: true, findings: [found] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const found = broken('proxy', error.message, error.hint ?? 'HTTPS_PROXY=http://host:port');
    return { proxy: undefined, open: false, findings: [found] };
  }
}

function direct(message: string, variable: string | null): Way {
  return { proxy: undefined, open: true, findings: [ok('proxy', message, { proxy: null, variable })] };
}

/** What the environment says of whom to trust. Node takes both in silence. */
export function examineTrust({ env, cwd }: Context): Finding[] {
  const findings: Finding[] = [];
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    findings.push(
      warning(
        'tls',
        'NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked, and anybody on the way can take the key',
        'unset it; a company or test authority is trusted with NODE_EXTRA_CA_CERTS=ca.pem',
      ),
    );
  }
  const authorities = variable({ env }, 'NODE_EXTRA_CA_CERTS');
  if (authorities !== undefined && !existsSync(resolve(cwd, authorities))) {
    findings.push(
      warning('tls', `NODE_EXTRA_CA_CERTS names no file: ${authorities}`, 'mend the path, or unset it'),
    );
  }
  return findings;
}
