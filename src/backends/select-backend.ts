import * as tf from '@tensorflow/tfjs';
import { BackendUnavailableError } from '../core/errors.ts';
import { formatValue } from '../core/format.ts';
import { messageOf } from '../core/realms.ts';
import { backendReport, type BackendReport, type RefusedBackend } from './backend-report.ts';
import type { Backend, BackendName } from './backend.ts';
import { cpu } from './cpu.ts';
import { tfjsNode } from './tfjs-node.ts';
import { webgl } from './webgl.ts';
import { webgpu } from './webgpu.ts';

/**
 * The argument of {@link useBackend}: `'auto'`, a backend, or several in order of preference.
 *
 * @example The backend requested on the command line, or the first that can run
 * ```ts
 * const choice: BackendChoice = process.argv.includes('--cpu') ? 'cpu' : ['wasm-train', 'cpu'];
 * const { name } = await useBackend(choice);
 * console.log(name); // wasm-train
 * ```
 */
export type BackendChoice = 'auto' | BackendName | Backend | readonly (BackendName | Backend)[];

/** The backends known by name, in the order in which `'auto'` tries them. */
const known: Readonly<
  Record<BackendName, (action: { readonly byName: boolean }) => Backend | Promise<Backend>>
> = {
  tensorflow: tfjsNode,
  webgpu,
  webgl,
  // Loaded on demand: its compiled kernels are the largest part of this library.
  'wasm-train': async () => (await import('./wasm-train/wasm-train.ts')).wasmTrain(),
  cpu,
};

/** TensorFlow.js's own WebAssembly backend, named here only to explain its refusal. */
const stockWasm = 'wasm';

/**
 * Activates the first of the given backends that can run here.
 *
 * `'auto'` tries `tensorflow` (native, if `@tensorflow/tfjs-node` was imported), `webgpu`, `webgl`,
 * `wasm-train` and `cpu`, in this order. In Node, `webgpu` needs the package `webgpu` and is taken
 * only if named. A graphics adapter emulated in software is refused if another candidate follows.
 * TensorFlow.js's own `wasm` is always refused: it cannot train convolutions. The choice applies to
 * all of TensorFlow.js in this process; existing tensors and models move to the new backend on
 * their next use.
 *
 * If `'auto'` falls back to `cpu`, it warns with the reason that `wasm-train` was refused.
 *
 * If every candidate is refused, the current backend does not change.
 *
 * @param choice - `'auto'`, a name, a {@link Backend}, or a list of these in order of preference.
 * @returns The backend taken, and the reason for each refusal before it; prints as text.
 * @throws BackendUnavailableError if none can run here; the message lists every reason.
 * @throws RangeError for an unknown name or an empty list, TypeError for a value that is not a
 * backend.
 *
 * @example Take the best available backend
 * ```ts
 * console.log(await useBackend('auto'));
 * ```
 *
 * @example Prefer the GPU
 * ```ts
 * const { name, refused } = await useBackend(['webgpu', 'wasm-train']);
 * if (name !== 'webgpu') console.log(`no WebGPU: ${refused[0]?.reason}`);
 * ```
 */
export async function useBackend(choice: BackendChoice): Promise<BackendReport> {
  const candidates = candidatesOf(choice);
  const former = currentBackend();
  const refused: Refusal[] = [];
  for (const candidate of candidates) {
    const outcome = await tryBackend(candidate, {
      byName: choice !== 'auto',
      isLast: candidate === candidates.at(-1),
    });
    if ('detail' in outcome) {
      if (choice === 'auto' && outcome.name === 'cpu') warnAboutPlainJavaScript(refused);
      return backendReport(outcome.name, outcome.detail, plain(refused));
    }
    refused.push(outcome);
    if (former !== undefined && currentBackend() !== former) await tf.setBackend(former);
  }
  throw allRefused(refused);
}

/** Warns about the last resort, which works but takes hours instead of minutes. */
function warnAboutPlainJavaScript(refused: readonly Refusal[]): void {
  const reason = refused.find(({ name }) => name === 'wasm-train')?.reason ?? 'no reason given';
  console.warn(
    `tfjs-gan: useBackend('auto') took plain JavaScript (cpu), many times slower than wasm-train, which was refused: ${reason}. ` +
      "Call useBackend('wasm-train') to get an error instead, or useBackend('cpu') to use plain JavaScript without this warning",
  );
}

/** A refusal, with the error that caused it, if any. */
interface Refusal extends RefusedBackend {
  readonly cause?: unknown;
}

function candidatesOf(choice: BackendChoice): readonly (BackendName | Backend)[] {
  if (choice === 'auto') return Object.keys(known) as BackendName[];
  const candidates = isList(choice) ? choice : [choice];
  if (candidates.length === 0) {
    throw new RangeError(
      'Cannot use a backend: the list of choices must name at least one, got []',
    );
  }
  for (const candidate of candidates) checkCandidate(candidate, isList(choice));
  return candidates;
}

function isList(choice: BackendChoice): choice is readonly (BackendName | Backend)[] {
  return Array.isArray(choice);
}

function checkCandidate(candidate: unknown, listed: boolean): void {
  if (candidate === stockWasm || Object.hasOwn(known, candidate as string) || isBackend(candidate))
    return;
  const names = [...(listed ? [] : ['auto']), ...Object.keys(known)].map(formatValue).join(', ');
  const Kind = typeof candidate === 'string' ? RangeError : TypeError;
  throw new Kind(
    `Cannot use a backend: ${listed ? 'each' : 'the'} choice must be one of ${names} or a Backend, got ${formatValue(candidate)}`,
  );
}

function isBackend(value: unknown): value is Backend {
  const { name, isAvailable, activate } = (value ?? {}) as Partial<Backend>;
  return (
    typeof name === 'string' && [isAvailable, activate].every((part) => typeof part === 'function')
  );
}

/** Activates one candidate, or returns the reason for its refusal. */
async function tryBackend(
  candidate: BackendName | Backend,
  { byName, isLast }: { readonly byName: boolean; readonly isLast: boolean },
): Promise<{ name: string; detail: string } | Refusal> {
  const name = typeof candidate === 'string' ? candidate : candidate.name;
  if (name === stockWasm) {
    return {
      name,
      reason:
        "it cannot train: it has no kernel for a convolution's filter gradient (Conv2DBackpropFilter). Use 'wasm-train', which has every kernel for training",
    };
  }
  try {
    const backend = typeof candidate === 'string' ? await known[candidate]({ byName }) : candidate;
    const availability = await backend.isAvailable();
    if (!availability.available) return { name, reason: availability.reason };
    if (availability.emulated === true && !isLast) return { name, reason: emulation(availability) };
    await backend.activate();
    if (currentBackend() !== name) {
      return { name, reason: `activate() left ${formatValue(currentBackend())} current` };
    }
    // Called again: some details, such as the number of threads, are known only now.
    const running = await backend.isAvailable();
    if (!running.available) return { name, detail: '' };
    return {
      name,
      detail: running.emulated === true ? emulation(running) : (running.detail ?? ''),
    };
  } catch (cause) {
    return { name, reason: reasonOf(cause, name), cause };
  }
}

function emulation({ detail }: { readonly detail?: string | undefined }): string {
  return `its adapter is emulated in software (${detail ?? 'unnamed'}), slower than wasm-train`;
}

/** The message of an error, without the prefix that the report adds anyway. */
function reasonOf(error: unknown, name: string): string {
  const message = messageOf(error);
  const beginning = `Cannot use the ${name} backend: `;
  return message.startsWith(beginning) ? message.slice(beginning.length) : message;
}

function allRefused(refused: readonly Refusal[]): BackendUnavailableError {
  const [first, ...others] = refused;
  if (first !== undefined && others.length === 0) {
    const { name, reason, cause } = first;
    // No advice if the reason already contains a cure, or if the backend is itself a fallback.
    const cure =
      reason.includes('. ') || ['wasm-train', 'cpu'].includes(name)
        ? ''
        : `. Pass ['${name}', 'wasm-train'] to fall back`;
    return new BackendUnavailableError(
      name,
      `Cannot use the ${name} backend: ${reason}${cure}`,
      cause === undefined ? undefined : { cause },
    );
  }
  const names = refused.map(({ name }) => name);
  const reasons = refused.map(({ name, reason }) => `\n  ${name}: ${reason}`).join('');
  const rest = ['wasm-train', 'cpu'].filter((name) => !names.includes(name)).map(formatValue);
  const cure = rest.length === 0 ? '' : `\nAdd ${rest.join(' or ')} to the list to fall back`;
  return new BackendUnavailableError(
    names.join(', '),
    `Cannot use any of the requested backends:${reasons}${cure}`,
  );
}

/** Despite its types, TensorFlow.js returns `undefined` before its first use. */
function currentBackend(): string | undefined {
  return tf.getBackend();
}

function plain(refused: readonly Refusal[]): RefusedBackend[] {
  return refused.map(({ name, reason }) => ({ name, reason }));
}
