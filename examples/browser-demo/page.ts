import type { DrawnPicture } from 'tfjs-gan/worker';

/** An element of the page that is certain to be there, of a certain kind. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} ${id}`);
  return found;
}

/** Writes into an element of the page. */
export function write(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

/** Puts a picture of the worker's on a canvas. */
export function paint(canvas: HTMLCanvasElement, { data, width, height }: DrawnPicture): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
}

/** Hands a file to the visitor. */
export function download(name: string, bytes: Uint8Array): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Runs work one at a time; what is asked for meanwhile is done once, afterwards. So a slider that moves faster than the
 * worker draws leaves no queue behind.
 */
export function oneAtATime(work: () => Promise<void>): () => void {
  let [busy, again] = [false, false];
  const run = async (): Promise<void> => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      busy = false;
    }
  };
  return () => void run();
}
