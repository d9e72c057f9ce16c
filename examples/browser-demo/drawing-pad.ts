/** Pixels along a side of the pad. */
const SIZE = 512;

/** The width of a stroke: that of the drawings which the network learned from. */
const PEN = SIZE / 36;

type Stroke = (readonly [x: number, y: number])[];

/** A canvas to draw lines on with a pointer or a finger, on top of a drawing if one was put there. */
export class DrawingPad {
  readonly #canvas: HTMLCanvasElement;
  readonly #brush: CanvasRenderingContext2D;
  readonly #changed: () => void;
  #strokes: Stroke[] = [];
  #under: ImageBitmap | undefined;

  /** @param changed - Called whenever the drawing changes. */
  constructor(canvas: HTMLCanvasElement, changed: () => void) {
    const brush = canvas.getContext('2d', { willReadFrequently: true });
    if (brush === null) throw new Error('This browser has no canvas to draw on');
    [canvas.width, canvas.height] = [SIZE, SIZE];
    this.#canvas = canvas;
    this.#brush = brush;
    this.#changed = changed;
    this.#paint();
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#strokes.push([this.#place(event)]);
      this.#show();
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      // Quick movements have several places in one event.
      const moves = event.getCoalescedEvents();
      for (const move of moves.length > 0 ? moves : [event]) {
        this.#strokes.at(-1)?.push(this.#place(move));
      }
      this.#show();
    });
  }

  get isEmpty(): boolean {
    return this.#strokes.length === 0 && this.#under === undefined;
  }

  /** Removes the last stroke, or the drawing under all of them. */
  undo(): void {
    if (this.#strokes.pop() === undefined) this.#under = undefined;
    this.#show();
  }

  /** Starts anew, on a drawing if one is given. */
  clear(under?: ImageBitmap): void {
    this.#strokes = [];
    this.#under = under;
    this.#show();
  }

  /** The drawing as gray values in −1…1, `side` × `side` of them, each the mean of its part. */
  values(side: number): Float32Array {
    const { data } = this.#brush.getImageData(0, 0, SIZE, SIZE);
    const step = SIZE / side;
    const sums = new Float32Array(side * side);
    for (let y = 0; y < SIZE; y += 1) {
      for (let x = 0; x < SIZE; x += 1) {
        sums[Math.floor(y / step) * side + Math.floor(x / step)]! += data[4 * (y * SIZE + x)]!;
      }
    }
    return sums.map((sum) => sum / (127.5 * step * step) - 1);
  }

  #place({ clientX, clientY }: PointerEvent): readonly [x: number, y: number] {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [((clientX - left) / width) * SIZE, ((clientY - top) / height) * SIZE];
  }

  #show(): void {
    this.#paint();
    this.#changed();
  }

  #paint(): void {
    const brush = this.#brush;
    brush.fillStyle = '#fff';
    brush.fillRect(0, 0, SIZE, SIZE);
    brush.imageSmoothingEnabled = false;
    if (this.#under !== undefined) brush.drawImage(this.#under, 0, 0, SIZE, SIZE);
    Object.assign(brush, { lineWidth: PEN, lineCap: 'round', lineJoin: 'round' });
    for (const stroke of this.#strokes) {
      brush.beginPath();
      for (const [x, y] of stroke) brush.lineTo(x, y);
      // A dot: a line without length is not drawn.
      if (stroke.length === 1) brush.lineTo(stroke[0]![0] + 0.1, stroke[0]![1]);
      brush.stroke();
    }
  }
}
