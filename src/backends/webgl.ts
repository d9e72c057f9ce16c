import { activateRegistered, isRegistered } from './activate-registered.ts';
import type { Availability, Backend } from './backend.ts';
import { isEmulated } from './software-adapter.ts';

/**
 * The GPU through WebGL, in browsers.
 *
 * @internal
 */
export function webgl(): Backend {
  return {
    name: 'webgl',
    isAvailable: async () => availability(),
    activate: () => activateRegistered('webgl'),
  };
}

function availability(): Availability {
  const canvas = makeCanvas();
  if (canvas === undefined) return { available: false, reason: 'WebGL needs a browser' };
  if (!isRegistered('webgl')) {
    return {
      available: false,
      reason: "it is not registered. Add import '@tensorflow/tfjs-backend-webgl'",
    };
  }
  const context = openContext(canvas);
  if (context === undefined) {
    return { available: false, reason: 'this browser has no WebGL, or WebGL is disabled' };
  }
  const adapter = adapterOf(context);
  // Browsers allow few open contexts; without this, the probe would hold one until garbage
  // collection.
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return { available: true, detail: adapter, emulated: isEmulated(adapter) };
}

function makeCanvas(): HTMLCanvasElement | OffscreenCanvas | undefined {
  if (typeof document !== 'undefined') return document.createElement('canvas');
  return typeof OffscreenCanvas === 'undefined' ? undefined : new OffscreenCanvas(1, 1);
}

function openContext(
  canvas: HTMLCanvasElement | OffscreenCanvas,
): WebGLRenderingContext | WebGL2RenderingContext | undefined {
  return canvas.getContext('webgl2') ?? canvas.getContext('webgl') ?? undefined;
}

/** The GPU's name: Chrome and Safari return it through an extension, Firefox as `RENDERER`. */
function adapterOf(context: WebGLRenderingContext | WebGL2RenderingContext): string {
  const names = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
}
