import * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';
import { isCondition } from '../models/conditions.ts';
import type { Generator } from '../models/generator.ts';
import type { NetworkInput } from '../models/network.ts';
import { encodeSamples, type PngWriter } from './encode-samples.ts';
import { isRefusal, notFinite } from './refusal.ts';
import type {
  GeneratorAbout,
  Job,
  JobResult,
  PathJob,
  SampleJob,
  ServedModel,
} from './served-model.ts';

const action = 'sample';

/** Inputs of one pass of the network, by name. */
type Tensors = Readonly<Record<string, tf.Tensor>>;

/** A generator that computes jobs in this thread. @internal */
export class GeneratorModel implements ServedModel {
  readonly about: GeneratorAbout;
  readonly #generator: Generator;
  readonly #batchSize: number;
  readonly #writePng: PngWriter;

  /**
   * @param generator - The generator; the caller keeps owning it.
   * @param batchSize - Samples in each pass of the network.
   * @param writePng - Writes PNG files.
   * @throws TypeError if it is the network of a translator or of a table, which are served as such.
   */
  constructor(generator: Generator, batchSize: number, writePng: PngWriter) {
    const { outputShape, valueRange } = generator;
    const metadata = generator.model.getUserDefinedMetadata() as
      { readonly table?: object } | undefined;
    if (metadata?.table !== undefined) {
      throw new TypeError(
        'Cannot serve the generator: it must generate images or arrays, got one that generates rows of a table. ' +
          'Pass the TableGenerator',
      );
    }
    this.about = { kind: 'generator', ...inputsOf(generator), outputShape, valueRange };
    this.#generator = generator;
    this.#batchSize = batchSize;
    this.#writePng = writePng;
  }

  async run(jobs: readonly Job[]): Promise<readonly JobResult[]> {
    const results = new Map<Job, JobResult>();
    const drawn = new Map<SampleJob, Tensors>();
    for (const job of jobs) {
      if (job.kind === 'sample') {
        const inputs = caught(() => this.#inputs(job));
        if (inputs instanceof Refused) results.set(job, inputs);
        else drawn.set(job, inputs);
      } else {
        // Routes of a generator have no others.
        results.set(job, await this.#path(job as PathJob));
      }
    }
    if (drawn.size > 0) {
      const samples = this.#passes([...drawn.values()]);
      const values = await valuesOf(samples);
      let first = 0;
      for (const job of drawn.keys()) {
        const own = values.subarray(first, (first += job.count * this.#sampleSize));
        results.set(job, this.#result(job, own, job.count));
      }
    }
    return jobs.map((job) => results.get(job)!);
  }

  get #sampleSize(): number {
    return this.about.outputShape.reduce((product, length) => product * length, 1);
  }

  /** The inputs of a job: given ones, others drawn by its seed. */
  #inputs({ count, seed, conditions, given }: SampleJob): Tensors {
    return tf.tidy(() => {
      const tensors = Object.entries(given).map(([name, values]) => {
        const dtype = values instanceof Int32Array ? 'int32' : 'float32';
        return [name, tf.tensor(values, [count, ...this.about.inputShapes[name]!], dtype)] as const;
      });
      const isLatent = ([name]: readonly [string, tf.Tensor]): boolean =>
        this.about.inputs[name]!.kind === 'latents';
      const givenConditions = Object.fromEntries(tensors.filter((entry) => !isLatent(entry)));
      const options = { seed, ...conditions, ...givenConditions };
      const drawn: Tensors = this.#generator.drawInputs(action, count, options);
      return { ...drawn, ...Object.fromEntries(tensors.filter(isLatent)) };
    });
  }

  /**
   * Samples of all jobs, in passes of equal size: kernels may add in another order for another
   * number of rows. Frees the inputs.
   */
  #passes(all: readonly Tensors[]): tf.Tensor {
    try {
      return tf.tidy(() => {
        const names = Object.keys(this.about.inputs);
        const [first = ''] = names;
        const rows = all.reduce((sum, inputs) => sum + inputs[first]!.shape[0], 0);
        const count = Math.ceil(rows / this.#batchSize);
        const filled = names.map((name) => {
          const parts = all.map((inputs) => inputs[name]!);
          const [{ shape, dtype }] = parts as [tf.Tensor, ...tf.Tensor[]];
          const rest = tf.zeros([count * this.#batchSize - rows, ...shape.slice(1)], dtype);
          return [name, tf.concat([...parts, rest], 0)] as const;
        });
        const passes = Array.from({ length: count }, (_, i) => {
          const own = filled.map(([name, tensor]) => {
            return [name, tf.slice(tensor, i * this.#batchSize, this.#batchSize)] as const;
          });
          return this.#generator.generate(Object.fromEntries(own));
        });
        return tf.concat(passes, 0);
      });
    } finally {
      tf.dispose(all as never);
    }
  }

  async #path(job: PathJob): Promise<JobResult> {
    const { from, to, steps, conditions } = job;
    const samples = caught(() => this.#generator.interpolate(from, to, { steps, ...conditions }));
    if (samples instanceof Refused) return samples;
    return this.#result(job, await valuesOf(samples), steps);
  }

  #result(job: SampleJob | PathJob, values: Float32Array, count: number): JobResult {
    if (!values.every(Number.isFinite)) return notFinite(isGiven(job));
    const { outputShape, valueRange } = this.about;
    const png = { write: this.#writePng, valueRange };
    return { body: encodeSamples(values, [count, ...outputShape], job.encoding, png) };
  }
}

/** Whether values of the request decide its samples, not the seed alone. */
function isGiven(job: SampleJob | PathJob): boolean {
  const given = job.kind === 'sample' ? job.given : {};
  return Object.keys({ ...given, ...job.conditions }).length > 0;
}

/** The values of samples, which it frees. @internal */
export async function valuesOf(samples: tf.Tensor): Promise<Float32Array> {
  try {
    return (await samples.data()) as Float32Array;
  } finally {
    samples.dispose();
  }
}

/** The result of a request that the generator refuses. */
class Refused {
  readonly status = 400;
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function caught<T>(make: () => T): T | Refused {
  try {
    return make();
  } catch (error) {
    if (isRefusal(error)) return new Refused(error.message);
    throw error;
  }
}

function inputsOf({ inputs, model }: Generator): Pick<GeneratorAbout, 'inputs' | 'inputShapes'> {
  const entries = Object.entries(inputs as Readonly<Record<string, NetworkInput>>);
  const shapes = entries.map(([name, input], i) => {
    const shape = model.inputs[i]!.shape.slice(1);
    const isLabels = isCondition(input) && input.classes !== undefined;
    return [name, isLabels ? [] : (shape as readonly number[])] as const;
  });
  if (entries.some(([, { kind }]) => kind === 'latents')) {
    return { inputs: Object.fromEntries(entries), inputShapes: Object.fromEntries(shapes) };
  }
  const [[name, shape] = ['', []]] = shapes;
  throw new TypeError(
    `Cannot serve the generator: it must have an input for latents, got ${name} ${formatShape(shape)}, ` +
      'as a translator has. Pass the Translator',
  );
}
