import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions, isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Dataset } from '../../data/dataset.ts';
import { datasetFromArray } from '../../data/from-array.ts';
import { paired } from '../../data/paired.ts';
import { unpaired } from '../../data/unpaired.ts';
import type { RemoteData, RemoteDataset } from './remote-options.ts';

const action = 'train';

/** All arrays that tfjs stores in 32 bits: integers are used as they are. */
const wholeNumbers = [-(2 ** 31), 2 ** 31] as const;

/**
 * The dataset of received data; joined sets give the same batches as `paired` and `unpaired` of the
 * same data.
 *
 * @throws TypeError if a name is unknown or a set is invalid; also the errors of
 * `datasetFromArray`, `paired` and `unpaired`.
 *
 * @internal
 */
export function remoteDataset(data: RemoteDataset): Dataset {
  checkOptions(action, data, undefined, 'data');
  if ('paired' in data) {
    checkOptions(action, data, ['paired'], 'data');
    // It refuses sets without samples.
    return paired(setsOf('paired', data.paired) as { samples: Dataset });
  }
  if ('unpaired' in data) {
    checkOptions(action, data, ['unpaired'], 'data');
    return unpaired(setsOf('unpaired', data.unpaired));
  }
  return oneSet('data', data);
}

function setsOf(kind: string, sets: unknown): Record<string, Dataset> {
  if (!isRecord(sets)) {
    throw new TypeError(
      `Cannot ${action}: data.${kind} must be an object of sets by name, got ${formatValue(sets)}`,
    );
  }
  const made = Object.entries(sets).map(([name, set]) => [
    name,
    oneSet(`data.${kind}.${name}`, set as RemoteData, name),
  ]);
  return Object.fromEntries(made) as Record<string, Dataset>;
}

function oneSet(path: string, set: RemoteData, ownName?: string): Dataset {
  checkOptions(
    action,
    set,
    [
      ...['values', 'sampleShape', 'dtype', 'name'],
      ...['labels', 'classes', 'valueRange', 'inputRange'],
    ],
    path,
  );
  const { values, dtype = 'float32', ...about } = set;
  checkOneOf(action, `${path}.dtype`, dtype, ['float32', 'int32']);
  const named = { ...about, name: about.name ?? ownName };
  if (dtype === 'float32') return datasetFromArray(values, named);
  const whole = datasetFromArray(Float32Array.from(values), {
    ...named,
    valueRange: about.valueRange ?? wholeNumbers,
  });
  return {
    ...whole,
    async *batches(options) {
      for await (const { samples, ...others } of whole.batches(options)) {
        yield { ...others, samples: tf.cast(samples, 'int32') };
        samples.dispose();
      }
    },
  };
}
