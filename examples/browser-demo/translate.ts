// The second tab: a drawing becomes an emoji in color, while it is drawn. A translation is short, so the
// page's own thread computes it.

import * as tf from '@tensorflow/tfjs';
import { useBackend } from 'tfjs-gan';
import { drawImageGrid } from 'tfjs-gan/browser';
import { Translator } from 'tfjs-gan/image-to-image';
import { DrawingPad } from './drawing-pad.ts';
import { element, oneAtATime, write } from './page.ts';
import { DRAWINGS } from './settings.ts';

/** Loads the network and the drawings to begin with, and connects the controls of the tab. */
export async function setUpTranslation(): Promise<void> {
  const address = (name: string): string => new URL(`translator/${name}`, document.baseURI).href;
  const { name: backend } = await useBackend(['wasm-train', 'cpu']);
  const translator = await Translator.load(address('model.json'));
  const [side] = translator.sourceShape;
  const result = element('colored', HTMLCanvasElement);
  const undo = element('undo', HTMLButtonElement);
  const clear = element('clear', HTMLButtonElement);

  const translate = oneAtATime(async () => {
    undo.disabled = clear.disabled = pad.isEmpty;
    const begin = performance.now();
    const drawing = tf.tensor4d(pad.values(side), [1, side, side, 1]);
    const colored = translator.translate(drawing);
    await drawImageGrid(result, colored, { padding: 0 });
    tf.dispose([drawing, colored]);
    write('took', `${(performance.now() - begin).toFixed(0)} ms on ${backend}`);
  });
  const pad = new DrawingPad(element('drawing', HTMLCanvasElement), translate);
  undo.addEventListener('click', () => pad.undo());
  clear.addEventListener('click', () => pad.clear());

  // Side by side in one picture.
  const response = await fetch(address('drawings.png'));
  const all = await createImageBitmap(await response.blob());
  const buttons = DRAWINGS.map(async (name, i) => {
    const one = await createImageBitmap(all, i * side, 0, side, side);
    const button = document.createElement('button');
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [side, side];
    canvas.getContext('2d')?.drawImage(one, 0, 0);
    button.type = 'button';
    button.setAttribute('aria-label', name);
    button.title = name;
    button.append(canvas);
    button.addEventListener('click', () => pad.clear(one));
    return button;
  });
  const made = await Promise.all(buttons);
  element('drawings', HTMLElement).replaceChildren(...made);
  made[0]!.click();
}
