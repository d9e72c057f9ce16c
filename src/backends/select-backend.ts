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
 * What {@link useBackend} takes: `'auto'`, a backend, or several in order of preference.
 *
 * @example The one that is asked for on the command line, or the first that can run
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
  // Loaded when asked for: its compiled kernels are the largest part of this library.
  'wasm-train': async () => (await import('./wasm-train/wasm-train.ts')).wasmTrain(),
  cpu,
};

/** TensorFlow.js's own WebAssembly backend, known well enough to say why it is refused. */
const stockWasm = 'wasm';

/**
 * Chooses where the numbers run: the first of the given backends that can.
 *
 * `'auto'` tries `tensorflow` (native, where `@tensorflow/tfjs-node` was imported), `webgpu`, `webgl`, `wasm-train`
 * and `cpu`, in this order. In Node `webgpu` needs the package `webgpu`, and is taken only where it is named. Graphics
 * adapters that are emulated in software are refused as long as there is another candidate, and TensorFlow.js's own
 * `wasm` always: it cannot train convolutions. The choice holds for all of TensorFlow.js in this process; tensors and
 * models made before move over when they are used.
 *
 * Where `'auto'` comes down to `cpu`, it warns, and says why `wasm-train` was refused.
 *
 * When every candidate is refused, the backend that was current stays so.
 *
 * @param choice - `'auto'`, a name, a {@link Backend}, or a list of these in order of preference.
 * @returns What was taken, and why each one before it was refused; made to be printed.
 * @throws BackendUnavailableError if none can run here; the message gives each one's reason.
 * @throws RangeError for an unknown name or an empty list, TypeError for anything that is no backend.
 *
 * @example Take the best there is
 * ```ts
 * console.log(await useBackend('auto'));
 * ```
 *
 * @example Prefer the graphics card
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

/** The last resort works, and takes hours where minutes would do: nobody should find out by waiting. */
function warnAboutPlainJavaScript(refused: readonly Refusal[]): void {
  const reason =
    refused.find(({ name }) => name === 'wasm-train')?.reason ?? 'for no stated reason';
  console.warn(
    `tfjs-gan: useBackend('auto') took plain JavaScript (cpu), many times slower than wasm-train, which was refused: ${reason}. ` +
      "Call useBackend('wasm-train') to have an error instead, or useBackend('cpu') if plain JavaScript is meant",
  );
}

/** A refusal, with the error behind it where there is one. */
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

/** Activates one candidate, or tells why not. */
async function tryBackend(
  candidate: BackendName | Backend,
  { byName, isLast }: { readonly byName: boolean; readonly isLast: boolean },
): Promise<{ name: string; detail: string } | Refusal> {
  const name = typeof candidate === 'string' ? candidate : candidate.name;
  if (name === stockWasm) {
    return {
      name,
      reason:
        "it cannot train: it has no kernel for a convolution's filter gradient (Conv2DBackpropFilter). Use 'wasm-train', which has all of them",
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
    // Asked again: only now is it known how many threads came, say.
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

/** The message of an error, without the beginning that the report says anyway. */
function reasonOf(error: unknown, name: string): string {
  const message = messageOf(error);
  const beginning = `Cannot use the ${name} backend: `;
  return message.startsWith(beginning) ? message.slice(beginning.length) : message;
}

function allRefused(refused: readonly Refusal[]): BackendUnavailableError {
  const [first, ...others] = refused;
  if (first !== undefined && others.length === 0) {
    const { name, reason, cause } = first;
    // A backend that says its own cure, or the last resort itself, needs no advice on top.
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
    `Cannot use any of the backends asked for:${reasons}${cure}`,
  );
}

/** TensorFlow.js answers nothing before its first use, whatever its types say. */
function currentBackend(): string | undefined {
  return tf.getBackend();
}

function plain(refused: readonly Refusal[]): RefusedBackend[] {
  return refused.map(({ name, reason }) => ({ name, reason }));
}
