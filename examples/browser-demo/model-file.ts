import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArray,
  type NamedArrays,
  type TrainerSnapshot,
} from 'tfjs-gan';
import type { DemoSettings } from './settings.ts';

/** A saved model: the state of the training, and its dataset. */
export interface KeptModel {
  readonly settings: Pick<DemoSettings, 'data'>;
  readonly snapshot: TrainerSnapshot;
}

/**
 * Encodes a model as one safetensors file: weights and moments as tensors, the rest as metadata.
 */
export function writeModel({ settings, snapshot }: KeptModel): Uint8Array {
  const tensors: Record<string, NamedArray> = {};
  const outline: unknown = JSON.parse(
    JSON.stringify(snapshot, (_, value: unknown) => {
      if (!isArray(value)) return value;
      const name = `tensor ${Object.keys(tensors).length}`;
      tensors[name] = value;
      return { tensor: name };
    }),
  );
  return encodeSafetensors(tensors, {
    format: 'tfjs-gan browser-demo 1',
    settings: JSON.stringify(settings),
    outline: JSON.stringify(outline),
  });
}

/** Decodes the model of such a file. */
export function readModel(bytes: Uint8Array, name: string): KeptModel {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const { format, settings, outline } = metadata;
  if (format !== 'tfjs-gan browser-demo 1' || settings === undefined || outline === undefined) {
    throw new Error(`Cannot open ${name}: it must be a model that this page saved`);
  }
  const snapshot = JSON.parse(outline, (_, value: unknown) => {
    const { tensor } = (value ?? {}) as { tensor?: string };
    return tensor === undefined ? value : (tensors as NamedArrays)[tensor];
  }) as TrainerSnapshot;
  return { settings: JSON.parse(settings) as KeptModel['settings'], snapshot };
}

function isArray(value: unknown): value is NamedArray {
  return (value as Partial<NamedArray> | null)?.values instanceof Float32Array;
}
