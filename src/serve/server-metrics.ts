import { nodeProcess } from '../core/node-process.ts';

/** A histogram as Prometheus counts it. */
class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    const place = this.#bounds.findIndex((bound) => value <= bound);
    const index = place < 0 ? this.#bounds.length : place;
    this.#counts[index] = this.#counts[index]! + 1;
    this.#sum += value;
  }

  lines(name: string): string[] {
    let total = 0;
    const buckets = [...this.#bounds, '+Inf'].map((bound, i) => {
      total += this.#counts[i]!;
      return `${name}_bucket{le="${bound}"} ${total}`;
    });
    return [...buckets, `${name}_sum ${this.#sum}`, `${name}_count ${total}`];
  }
}

/**
 * What the server did, for `/metrics`.
 *
 * @see {@link https://prometheus.io/docs/instrumenting/exposition_formats/}
 *
 * @internal
 */
export class ServerMetrics {
  /** Number of responses by route and status. */
  readonly #requests = new Map<string, number>();
  readonly #seconds = new Histogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
  readonly #batches = new Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256]);

  /** Counts a response. `route` is the path of a route, so that clients cannot add series. */
  response(route: string, status: number, seconds: number): void {
    const key = `route="${route}",code="${status}"`;
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    this.#seconds.add(seconds);
  }

  /** Counts samples that were computed together. */
  batch(samples: number): void {
    this.#batches.add(samples);
  }

  /** The text of `/metrics`. */
  text(queued: number): string {
    const requests = [...this.#requests].map(
      ([labels, count]) => `tfjs_gan_requests_total{${labels}} ${count}`,
    );
    const memory = nodeProcess().memoryUsage?.rss();
    return [
      '# HELP tfjs_gan_requests_total Responses by route and status.',
      '# TYPE tfjs_gan_requests_total counter',
      ...requests,
      '# HELP tfjs_gan_request_seconds Time from request to response.',
      '# TYPE tfjs_gan_request_seconds histogram',
      ...this.#seconds.lines('tfjs_gan_request_seconds'),
      '# HELP tfjs_gan_batch_samples Samples computed together.',
      '# TYPE tfjs_gan_batch_samples histogram',
      ...this.#batches.lines('tfjs_gan_batch_samples'),
      '# HELP tfjs_gan_queued_samples Samples that wait or are computed.',
      '# TYPE tfjs_gan_queued_samples gauge',
      `tfjs_gan_queued_samples ${queued}`,
      ...(memory === undefined
        ? []
        : [
            '# HELP process_resident_memory_bytes Resident memory size in bytes.',
            '# TYPE process_resident_memory_bytes gauge',
            `process_resident_memory_bytes ${memory}`,
          ]),
      '',
    ].join('\n');
  }
}
