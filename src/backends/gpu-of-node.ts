import { messageOf } from '../core/realms.ts';

/** What the `webgpu` package on npm exports: Dawn, the WebGPU of Chromium. */
interface Dawn {
  readonly create: (options: readonly string[]) => object;
  /** `GPUBufferUsage` and the like, which a browser has as globals. */
  readonly globals: Readonly<Record<string, unknown>>;
}

/** What Node has as globals, and a browser has not, or the other way round. */
interface Globals {
  readonly process?: { readonly versions?: { readonly node?: string } };
  navigator?: object;
}

const globals = globalThis as Globals;

/** A variable, so that bundlers of pages do not look for a package of Node's. */
const dawnPackage: string = 'webgpu';

/** Whether this is Node, where a package brings what a browser has. @internal */
export function isNode(): boolean {
  return globals.process?.versions?.node !== undefined;
}

/**
 * Gives Node a `navigator.gpu`, where the `webgpu` package is installed.
 *
 * @returns Why there is none, or `undefined` where there is.
 * @internal
 */
export async function provideGpu(): Promise<string | undefined> {
  let dawn: Dawn;
  try {
    dawn = (await import(/* webpackIgnore: true */ /* @vite-ignore */ dawnPackage)) as Dawn;
  } catch (error) {
    const without = 'Node has no WebGPU of its own';
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') {
      return `${without}. Run npm install webgpu @tensorflow/tfjs-backend-webgpu`;
    }
    const detail = messageOf(error).split('\n')[0];
    return `${without}, and the webgpu package cannot be loaded (${detail})`;
  }
  Object.assign(globals, dawn.globals);
  // Node has had a navigator since version 21.
  globals.navigator ??= {};
  Object.defineProperty(globals.navigator, 'gpu', { value: dawn.create([]), configurable: true });
  return undefined;
}
