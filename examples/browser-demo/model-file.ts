import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArray,
  type NamedArrays,
  type TrainerSnapshot,
} from 'tfjs-gan';
import { readSettings, type RunSettings } from './settings.ts';

/** A saved model: the state of the training, and what is trained. */
export interface KeptModel {
  readonly settings: RunSettings;
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
  const { format, settings: text = 'null', outline } = metadata;
  const isOurs = format === 'tfjs-gan browser-demo 1';
  const settings = isOurs ? readSettings(JSON.parse(text)) : undefined;
  if (settings === undefined || outline === undefined) {
    throw new Error(`Cannot open ${name}: it must be a model that this page saved`);
  }
  const snapshot = JSON.parse(outline, (_, value: unknown) => {
    const { tensor } = (value ?? {}) as { tensor?: string };
    return tensor === undefined ? value : (tensors as NamedArrays)[tensor];
  }) as TrainerSnapshot;
  return { settings, snapshot };
}

function isArray(value: unknown): value is NamedArray {
  return (value as Partial<NamedArray> | null)?.values instanceof Float32Array;
}
