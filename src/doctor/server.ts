import { type Certificate, certificateOf } from '../api/certificate.ts';
import type { Api } from '../api/client.ts';
import { headersOfFailure, isOutOfCredit, obstacleOf } from '../api/failure.ts';
import { type ListedModel, listModels } from '../api/model-list.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { examineClock } from './clock.ts';
import { broken, brokenBy, type Finding, ok, skipped, warning } from './finding.ts';

/** What is known before the server is asked. */
export interface Asked {
  readonly api: Api;
  /** Host and port. */
  readonly proxy: string | undefined;
  /** Where the key came from; undefined where requests carry none. */
  readonly keySource: string | undefined;
  /** There should be a key, and there is none that can be used. */
  readonly lacksKey: boolean;
}

export interface ServerFound {
  /** A question can be put to it. */
  readonly answers: boolean;
  /** Undefined where it did not tell. */
  readonly models: readonly ListedModel[] | undefined;
  readonly findings: readonly Finding[];
}

/** Asks the server for its models: the cheapest request that needs a key. @throws Stopped */
export async function examineServer(asked: Asked, context: Context): Promise<ServerFound> {
  const { api } = asked;
  const start = context.clock.now();
  try {
    const { models, headers } = await api.each(listModels);
    const ms = context.clock.now() - start;
    const findings = [...(await reached(asked, ms, context)), accepted(asked, models.length)];
    return { answers: true, models, findings: [...findings, ...toldBy(headers, api, context)] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const ms = context.clock.now() - start;
    return refused(error, asked, ms, context);
  }
}

async function refused(failure: Failure, asked: Asked, ms: number, context: Context): Promise<ServerFound> {
  const headers = headersOfFailure(failure);
  if (failure.status === undefined || failure.kind === 'network') {
    return { answers: false, models: undefined, findings: await unreached(failure, asked, context) };
  }
  const access = accessBy(failure, asked);
  const findings = [...(await reached(asked, ms, context)), access];
  return {
    answers: access.status !== 'broken' && !asked.lacksKey,
    models: undefined,
    findings: headers === undefined ? findings : [...findings, ...toldBy(headers, asked.api, context)],
  };
}

/** What an answer says by having come. @param ms how long it took */
async function reached(asked: Asked, ms: number, context: Context): Promise<Finding[]> {
  const { settings, replays } = asked.api;
  const { host } = new URL(settings.baseUrl);
  if (settings.sandbox) return [ok('server', 'the sandbox answers, in process', { ms })];
  if (replays) return [ok('server', 'a cassette answers, not the network', { ms })];
  return [
    await trusted(asked, context),
    ok('server', `${host} answers within ${durationText(ms || 1)}`, { ms }),
  ];
}

const DAY_MS = 86_400_000;
/** A certificate that ends within so many ms is worth a word: who renews them does so weeks before. */
const ENDS_SOON_MS = 7 * DAY_MS;

async function trusted({ api, proxy }: Asked, context: Context): Promise<Finding> {
  const { baseUrl } = api.settings;
  const { host } = new URL(baseUrl);
  if (!baseUrl.startsWith('https:')) return plainText(api);
  const certificate = await shownCertificate(baseUrl, proxy, context);
  if (certificate === undefined) return ok('tls', `the certificate of ${host} is trusted`);
  const { protocol, issuer, validTo } = certificate;
  const until = new Date(validTo).toISOString().slice(0, 10);
  const details = { protocol, issuer, valid_to: new Date(validTo).toISOString() };
  const message = `${protocol}; the certificate of ${host} is trusted: by ${issuer}, until ${until}`;
  return validTo - context.clock.now() > ENDS_SOON_MS
    ? ok('tls', message, details)
    : warning('tls', message, 'it ends soon: whoever runs that server should know', details);
}

function plainText({ settings }: Api): Finding {
  const { host } = new URL(settings.baseUrl);
  if (settings.keyless) return ok('tls', `none: ${host} is reached by plain http`);
  const message = `none: anybody on the way to ${host} can read the key and what is sent`;
  return warning('tls', message, 'give it an https:// base URL, if it has one');
}

/** Only of a server that is reached directly: behind a proxy it is not asked a second time. */
async function shownCertificate(
  baseUrl: string,
  proxy: string | undefined,
  context: Context,
): Promise<Certificate | undefined> {
  if (!context.hasSockets || proxy !== undefined) return undefined;
  const certificate = await certificateOf(baseUrl, context);
  return certificate === undefined || Number.isNaN(certificate.validTo) ? undefined : certificate;
}

/** Where a request got stuck. */
async function unreached(failure: Failure, asked: Asked, context: Context): Promise<Finding[]> {
  const { settings } = asked.api;
  const { host } = new URL(settings.baseUrl);
  const notReached = skipped('server', `${host} was not reached`);
  const obstacle = obstacleOf(failure);
  if (obstacle === 'proxy') return [brokenBy(failure, 'proxy', 'mend or unset HTTPS_PROXY'), notReached];
  if (obstacle === 'certificate') return [await untrusted(failure, asked, context), notReached];
  const advice = `is this machine online, and the base URL right? It is ${settings.baseUrl}`;
  return [brokenBy(failure, 'server', advice)];
}

async function untrusted(failure: Failure, { api, proxy }: Asked, context: Context): Promise<Finding> {
  const { message, advice, details } = brokenBy(
    failure,
    'tls',
    'NODE_EXTRA_CA_CERTS=ca.pem trusts an authority',
  );
  const certificate = await shownCertificate(api.settings.baseUrl, proxy, context);
  const now = new Date(context.clock.now()).toISOString().slice(0, 16);
  // A certificate seems to have ended, or not to have begun, where the clock is wrong.
  if (/EXPIRED|NOT_YET_VALID/.test(message)) {
    return broken('tls', message, `is the clock of this machine right? It says ${now} UTC`, details);
  }
  if (certificate === undefined) return broken('tls', message, advice ?? '', details);
  const { issuer, protocol } = certificate;
  return broken('tls', `${message}: it is issued by ${issuer}`, advice ?? '', {
    ...details,
    issuer,
    protocol,
  });
}

function accepted({ api, keySource, lacksKey }: Asked, count: number): Finding {
  const models = `${count} ${count === 1 ? 'model' : 'models'}`;
  if (keySource === undefined || lacksKey) return ok('access', `${models}, without a key`, { models: count });
  const { settings } = api;
  const of = settings.project === undefined ? '' : ` for project ${settings.project}`;
  return ok('access', `the key from ${keySource} is accepted${of}: ${models}`, { models: count });
}

/** What a refusal says of the key. */
function accessBy(failure: Failure, { api, lacksKey }: Asked): Finding {
  if (lacksKey) return skipped('access', 'there is no key to try');
  const finding = brokenBy(failure, 'access', '`oai config get base_url`: is it the right server?');
  const { status } = failure;
  const mayWorkYet =
    // A key may be restricted to some endpoints, and a server of models may have no list of them.
    status === 403 ||
    (status === 404 && !api.settings.isOpenAI) ||
    (failure.kind === 'limit' && !isOutOfCredit(failure));
  return mayWorkYet ? { ...finding, status: 'warning' } : finding;
}

/** What the headers of an answer tell. */
function toldBy(headers: Headers, api: Api, context: Context): Finding[] {
  return [examineClock(headers, context), organization(headers, api)];
}

function organization(headers: Headers, { settings }: Api): Finding {
  const named = headers.get('openai-organization');
  const project = headers.get('openai-project');
  const asked = {
    organization_asked: settings.organization ?? null,
    project_asked: settings.project ?? null,
  };
  if (named === null) {
    const wanted = settings.organization === undefined ? '' : ` (asked for: ${settings.organization})`;
    return ok('organization', `the answers name none${wanted}`, { organization: null, project, ...asked });
  }
  const wanted = settings.organization === undefined ? '' : `, asked for as ${settings.organization}`;
  const of = project === null ? '' : `, project ${project}`;
  return ok('organization', `the answers name ${named}${wanted}${of}`, {
    organization: named,
    project,
    ...asked,
  });
}
