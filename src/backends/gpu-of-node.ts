import { messageOf } from '../core/realms.ts';

/** The exports of the npm package `webgpu`: Dawn, Chromium's WebGPU. */
interface Dawn {
  readonly create: (options: readonly string[]) => object;
  /** `GPUBufferUsage` and similar objects, which are globals in a browser. */
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Globals that exist only in Node or only in browsers. */
interface Globals {
  readonly process?: { readonly versions?: { readonly node?: string } };
  navigator?: object;
}

const globals = globalThis as Globals;

/** A variable, so that bundlers for browsers do not resolve this Node package. */
const dawnPackage: string = 'webgpu';

/** Whether this is Node, where WebGPU comes from a package. @internal */
export function isNode(): boolean {
  return globals.process?.versions?.node !== undefined;
}

/**
 * Creates `navigator.gpu` in Node, if the `webgpu` package is installed.
 *
 * @returns The reason for failure, or `undefined` on success.
 * @internal
 */
export async function provideGpu(): Promise<string | undefined> {
  let dawn: Dawn;
  try {
    dawn = (await import(/* webpackIgnore: true */ /* @vite-ignore */ dawnPackage)) as Dawn;
  } catch (error) {
    const without = 'Node has no built-in WebGPU';
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
