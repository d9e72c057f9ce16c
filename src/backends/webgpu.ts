import { messageOf } from '../core/realms.ts';
import { activateRegistered, isRegistered } from './activate-registered.ts';
import type { Availability, Backend } from './backend.ts';
import { isNode, provideGpu } from './gpu-of-node.ts';
import { isEmulated } from './software-adapter.ts';

/** What is read of a browser's `GPUAdapter`; older browsers have the last field on the adapter itself. */
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
 * The graphics card by way of WebGPU, with `@tensorflow/tfjs-backend-webgpu` installed; in Node with the package `webgpu` as
 * well.
 *
 * @param options - Whether it was asked for by name, not as one of all.
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
  if (adapter === null) return { available: false, reason: 'no graphics adapter was offered' };

  const fault = await registrationFault();
  if (fault !== undefined) return { available: false, reason: fault };
  const detail = nameOf(adapter);
  return { available: true, detail, emulated: isEmulated(detail) };
}

/** Loads what Node needs for whoever asks for it by name only: its driver writes to the console where it finds no card. */
async function missingInNode(byName: boolean): Promise<string | undefined> {
  if (byName) return await provideGpu();
  return "in Node it must be asked for by name: useBackend('webgpu')";
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

/** Loads the package that brings the backend, and says what is wrong if that fails. */
async function registrationFault(): Promise<string | undefined> {
  if (isRegistered('webgpu')) return undefined;
  try {
    // Inside `try`, so that bundlers let an optional package be missing.
    await import('@tensorflow/tfjs-backend-webgpu');
  } catch (error) {
    const detail = messageOf(error).split('\n')[0];
    return `@tensorflow/tfjs-backend-webgpu cannot be loaded (${detail}). Run npm install @tensorflow/tfjs-backend-webgpu`;
  }
  return isRegistered('webgpu')
    ? undefined
    : '@tensorflow/tfjs-backend-webgpu belongs to another copy of TensorFlow.js. Run npm dedupe';
}
