import { messageOf } from '../core/realms.ts';
import { activateRegistered, isRegistered } from './activate-registered.ts';
import type { Availability, Backend } from './backend.ts';
import { isNode, provideGpu } from './gpu-of-node.ts';
import { isEmulated } from './software-adapter.ts';

/**
 * The fields of `GPUAdapter` used here; older browsers have `isFallbackAdapter` on the adapter
 * itself.
 */
interface Adapter {
  readonly info?: AdapterInfo;
  readonly isFallbackAdapter?: boolean;
}

interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

/**
 * The GPU through WebGPU. Requires the package `@tensorflow/tfjs-backend-webgpu`, and in Node also
 * `webgpu`.
 *
 * @param options - `byName`: whether the backend was requested by name, not through `'auto'`.
 * @internal
 */
export function webgpu({ byName = true }: { readonly byName?: boolean } = {}): Backend {
  return {
    name: 'webgpu',
    isAvailable: () => availability(byName),
    activate: () => activateRegistered('webgpu'),
  };
}

async function availability(byName: boolean): Promise<Availability> {
  const missing = findGpu() === undefined && isNode() ? await missingInNode(byName) : undefined;
  if (missing !== undefined) return { available: false, reason: missing };
  const gpu = findGpu();
  if (gpu === undefined) {
    return { available: false, reason: 'this browser has no navigator.gpu' };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return { available: false, reason: 'WebGPU found no graphics adapter' };

  const fault = await registrationFault();
  if (fault !== undefined) return { available: false, reason: fault };
  const detail = nameOf(adapter);
  return { available: true, detail, emulated: isEmulated(detail) };
}

/**
 * Loads WebGPU in Node, but only if requested by name: its driver writes to the console if it finds
 * no GPU.
 */
async function missingInNode(byName: boolean): Promise<string | undefined> {
  if (byName) return await provideGpu();
  return "in Node it must be requested by name: useBackend('webgpu')";
}

function findGpu(): Gpu | undefined {
  if (typeof navigator === 'undefined') return undefined;
  return (navigator as { gpu?: Gpu }).gpu;
}

function nameOf({ info, isFallbackAdapter }: Adapter): string {
  const words = [info?.vendor, info?.architecture, info?.description].filter(Boolean);
  if (info?.isFallbackAdapter === true || isFallbackAdapter === true) words.push('software');
  return words.length === 0 ? 'an unnamed adapter' : words.join(' ');
}

/** Loads the package that provides the backend. Returns the reason if that fails. */
async function registrationFault(): Promise<string | undefined> {
  if (isRegistered('webgpu')) return undefined;
  try {
    // Inside `try`, so that bundlers accept that an optional package is missing.
    await import('@tensorflow/tfjs-backend-webgpu');
  } catch (error) {
    const detail = messageOf(error).split('\n')[0];
    return `@tensorflow/tfjs-backend-webgpu cannot be loaded (${detail}). Run npm install @tensorflow/tfjs-backend-webgpu`;
  }
  return isRegistered('webgpu')
    ? undefined
    : '@tensorflow/tfjs-backend-webgpu belongs to another copy of TensorFlow.js. Run npm dedupe';
}
