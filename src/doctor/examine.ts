import { connect } from '../api/client.ts';
import type { Context } from '../context.ts';
import { startWaits } from '../output/progress.ts';
import type { Resolved } from '../settings/resolve.ts';
import type { Settings } from '../settings/settings.ts';
import { type CheckName, type Finding, NETWORK_CHECKS, skipped } from './finding.ts';
import { examineKey, type KeyFound, type KeyOptions } from './key.ts';
import { examineLatency } from './latency.ts';
import { examineModels } from './models.ts';
import { overhearing } from './overheard.ts';
import { examineServer } from './server.ts';
import { examineSettings } from './settings.ts';
import { examineHistory, examineStorage } from './storage.ts';
import { examineProgram, examineTerminal } from './terminal.ts';
import { examineTrust, examineWay } from './way.ts';

/** What `oai doctor` is asked to do, and to leave. */
export interface Examination extends KeyOptions {
  /** False: no question is put to a model, which would cost some tokens. */
  readonly question?: boolean;
}

/** How long one request may take, in ms, where no `--timeout` says it: a doctor has other patients. */
const REQUEST_MS = 20_000;

/**
 * Looks at all that a run depends on, one thing after the other: what is broken does not keep the rest from being
 * looked at.
 * @throws Failure (usage) on flags that cannot be meant; Stopped
 */
export async function* examine(options: Examination, context: Context): AsyncGenerator<Finding> {
  yield await examineProgram(context);
  const { sources, target, settings, findings } = await examineSettings(options, context);
  yield* findings;
  if (target !== undefined && settings !== undefined) {
    const key = await examineKey(target, sources, options, context);
    yield* key.findings;
    const told = new Set<CheckName>();
    const patient = { target, settings: patiently(settings, options, key), key };
    for await (const finding of examineNetwork(patient, options, context)) {
      told.add(finding.check);
      yield finding;
    }
    const untold = NETWORK_CHECKS.filter((check) => !told.has(check));
    yield* withoutWay(untold, 'there was no answer that would tell');
  } else {
    yield* withoutWay(['key', ...NETWORK_CHECKS], 'it is not known where requests go');
  }
  yield await examineHistory(settings, context);
  yield* await examineStorage(context);
  yield* await examineTerminal(context);
}

function withoutWay(checks: readonly CheckName[], reason: string): Finding[] {
  return checks.map((check) => skipped(check, reason));
}

/** One try for each request, and not long; what the cache holds says nothing of today. */
function patiently(settings: Settings, options: Examination, { key }: KeyFound): Settings {
  const { tape } = settings;
  return {
    ...settings,
    timeout: options.timeout ?? REQUEST_MS,
    retries: options.retries ?? 0,
    tape: tape?.kind === 'cache' ? undefined : tape,
    key: () => Promise.resolve(key),
  };
}

/** Where requests go, and with what. */
interface Patient {
  readonly target: Resolved;
  readonly settings: Settings;
  readonly key: KeyFound;
}

async function* examineNetwork(
  patient: Patient,
  options: Examination,
  context: Context,
): AsyncGenerator<Finding> {
  const { settings } = patient;
  if (settings.sandbox || settings.tape?.kind === 'replay') {
    yield* withoutWay(['proxy', 'tls'], 'nothing goes over the network');
    if (options.offline !== true) yield* examineAnswers(patient, undefined, options, context);
  } else {
    const way = examineWay(settings.baseUrl, context);
    yield* way.findings;
    yield* examineTrust(context);
    if (options.offline !== true && way.open) {
      yield* examineAnswers(patient, way.proxy, options, context);
    }
  }
  if (options.offline !== true) return;
  yield* withoutWay(['server', 'access', 'clock', 'organization'], 'nothing is sent with --offline');
  yield* examineModels(settings, undefined, context);
  yield skipped('latency', 'nothing is sent with --offline');
}

/** @param proxy host and port of the one that requests go through */
async function* examineAnswers(
  patient: Patient,
  proxy: string | undefined,
  options: Examination,
  context: Context,
): AsyncGenerator<Finding> {
  const { settings, key } = patient;
  const waiting = startWaits(context, `asking ${new URL(settings.baseUrl).host}`);
  try {
    // What it says of the sandbox is said here in other words.
    const { result: api } = await overhearing(context, (apart) => connect(options, apart, { settings }));
    const asked = { api, proxy, keySource: sourceOf(options, key), lacksKey: !key.usable };
    const { answers, models, findings } = await examineServer(asked, context);
    waiting.stop();
    yield* findings;
    yield* examineModels(settings, models, context);
    const reason = whyNotAsk(answers, options, key);
    if (reason !== undefined) return yield skipped('latency', reason);
    waiting.again();
    const latency = await examineLatency(api, context);
    waiting.stop();
    yield latency;
  } finally {
    waiting.stop();
  }
}

/** Why no question is put to a model. */
function whyNotAsk(answers: boolean, { question }: Examination, { usable }: KeyFound): string | undefined {
  if (question === false) return 'no question is asked with --no-question';
  if (!usable) return 'there is no key to ask with';
  return answers ? undefined : 'the server takes no question';
}

function sourceOf({ header = [] }: Examination, { key }: KeyFound): string | undefined {
  if (key !== undefined) return key.source;
  return header.some((line) => /^(?:authorization|api-key)\s*:/i.test(line)) ? '--header' : undefined;
}
