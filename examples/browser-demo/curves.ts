import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { PerNetwork } from 'tfjs-gan';

/** The maximum number of points; beyond it, every second one is dropped. */
const MOST_POINTS = 1200;
/** The weight of the latest value in a curve: single steps are mostly noise. */
const SMOOTHING = 0.1;
/** Pixels below the plot. */
const LEGEND_HEIGHT = 30;

/** The losses of both networks over the steps, smoothed. */
export class Curves {
  readonly #place: HTMLElement;
  #plot: uPlot | undefined;
  #points: [number[], number[], number[]] = [[], [], []];
  #smooth: PerNetwork<number> | undefined;
  #stride = 1;
  #drawing = 0;

  constructor(place: HTMLElement) {
    this.#place = place;
    new ResizeObserver(() => this.#fit()).observe(place);
    // uPlot keeps the colors it was created with.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#plot?.destroy();
      this.#plot = undefined;
      this.#draw();
    });
    this.#draw();
  }

  clear(): void {
    this.#points = [[], [], []];
    this.#smooth = undefined;
    this.#stride = 1;
    this.#draw();
  }

  add(step: number, losses: PerNetwork<number>): void {
    const blend = (old: number | undefined, now: number): number =>
      old === undefined ? now : old + SMOOTHING * (now - old);
    this.#smooth = {
      discriminator: blend(this.#smooth?.discriminator, losses.discriminator),
      generator: blend(this.#smooth?.generator, losses.generator),
    };
    if (step % this.#stride !== 0) return;
    const [steps, discriminator, generator] = this.#points;
    steps.push(step);
    discriminator.push(this.#smooth.discriminator);
    generator.push(this.#smooth.generator);
    if (steps.length > MOST_POINTS) {
      this.#stride *= 2;
      const keep = steps.map((number) => number % this.#stride === 0);
      const thin = (values: number[]): number[] => values.filter((_, i) => keep[i]);
      this.#points = [thin(steps), thin(discriminator), thin(generator)];
    }
    // Once per frame, for any number of steps.
    if (this.#drawing === 0) this.#drawing = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#drawing = 0;
    this.#plot ??= new uPlot(this.#options(), this.#points, this.#place);
    this.#plot.setData(this.#points);
  }

  #fit(): void {
    this.#plot?.setSize(this.#size());
  }

  #size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#place;
    return { width: Math.max(200, clientWidth), height: clientHeight - LEGEND_HEIGHT };
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis: uPlot.Axis = {
      stroke: color('--quiet'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
    };
    const line = (label: string, name: string): uPlot.Series => ({
      label,
      stroke: color(name),
      width: 2,
      points: { show: false },
    });
    return {
      ...this.#size(),
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high || 1] } },
      axes: [
        { ...axis, size: 28 },
        { ...axis, size: 36 },
      ],
      legend: { live: false },
      series: [{}, line('discriminator', '--discriminator'), line('generator', '--generator')],
      cursor: { show: false },
    };
  }
}
