import type { DrawnPicture } from 'tfjs-gan/worker';

/** An element of the page, which must exist and be of this kind. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} ${id}`);
  return found;
}

/** Sets the text of an element of the page. */
export function write(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

/** Draws a picture from the worker on a canvas. */
export function paint(canvas: HTMLCanvasElement, { data, width, height }: DrawnPicture): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
}

/** Downloads a file to the visitor's machine. */
export function download(name: string, bytes: Uint8Array): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.download = name;
  link.click();
  // The browser has started the download by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Runs work one at a time; any number of requests meanwhile cause one more run. A slider that moves
 * faster than the worker draws thus builds up no queue.
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
