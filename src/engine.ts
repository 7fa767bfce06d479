type Process = typeof globalThis.process;

/**
 * A module of Node's that is not loaded with this file: `node:tty` alone takes 2 ms, with net and stream.
 * @returns undefined before Node 20.16, which has no way to load one later and at once
 */
export function builtin<Name extends 'node:tty' | 'node:v8' | 'node:vm'>(node: Process, name: Name) {
  const load: Process['getBuiltinModule'] | undefined = node.getBuiltinModule;
  return load?.(name);
}

/** The majors of V8 that are known to have the flags below: Node 20 has 11, Node 26 has 14. */
const V8_MAJORS = [11, 12, 13, 14];

/** Flags for V8, which complains on stderr about one that it does not know. @returns whether they were set */
function setFlags(node: Process, ...flags: string[]): boolean {
  const v8 = builtin(node, 'node:v8');
  if (v8 === undefined || !V8_MAJORS.includes(Number.parseInt(node.versions.v8, 10))) return false;
  for (const flag of flags) v8.setFlagsFromString(flag);
  return true;
}

/**
 * Keeps V8 from optimizing the HTTP parser, which is WebAssembly: after some 100 bytes it sets out on 60 ms of work
 * that a short run waits for at its end (measured by `npm run bench`; long streams are no slower without it).
 */
export function spareCompiler(node: Process): void {
  setFlags(node, '--wasm-tiering-budget=2000000000');
}

/** So many bytes that nobody needs are worth a collection. */
const WORTH_COLLECTING = 12_000_000;

/**
 * What nobody needs any more. V8 lets it grow to several times of what is needed: 200,000 vectors took 220 MB with Node
 * 20 and 340 MB with Node 24, and take 180 MB at most with this, for a tenth of the processor's time (`npm run bench --
 * --only embed`).
 */
export class Garbage {
  readonly #node: Process;
  #collect: (() => void) | undefined;
  /** Bytes in use after the last collection. */
  #needed = 0;

  constructor(node: Process) {
    this.#node = node;
  }

  /** Collects it where that is worth the while. */
  collectEarly(): void {
    this.#collect ??= this.#collector();
    if (this.#inUse < this.#needed + WORTH_COLLECTING) return;
    this.#collect();
    this.#needed = this.#inUse;
  }

  get #inUse(): number {
    const { heapUsed, external } = this.#node.memoryUsage();
    return heapUsed + external;
  }

  /** What `node --expose-gc` gives to programs; set later, the flag is for contexts that are made from then on. */
  #collector(): () => void {
    // The young generation stays as small as it is by now: it would grow to 32 MB, with Node 24 to 128.
    if (!setFlags(this.#node, '--semi-space-growth-factor=1', '--expose-gc')) return () => {};
    const found: unknown = builtin(this.#node, 'node:vm')?.runInNewContext('globalThis.gc');
    return typeof found === 'function' ? () => void found() : () => {};
  }
}
