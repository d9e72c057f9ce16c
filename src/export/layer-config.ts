import { formatValue } from '../core/format.ts';
import type { PortableLayer } from './portable-layer.ts';

/**
 * Settings of layers, read with a check: layers of a file may hold anything.
 */

/** @internal */
export function numberIn(layer: PortableLayer, name: string, otherwise?: number): number {
  const value = layer.config[name] ?? otherwise;
  if (typeof value === 'number') return value;
  throw unreadable(layer, name, 'a number', value);
}

/** A setting that is one number for each side, given as one or several. @internal */
export function pairIn(layer: PortableLayer, name: string): readonly [number, number] {
  const [first, second = first] = numbersIn(layer, name);
  return [first!, second!];
}

/** @internal */
export function numbersIn(layer: PortableLayer, name: string): readonly number[] {
  const value = layer.config[name];
  const numbers: unknown[] = Array.isArray(value) ? value : [value];
  if (numbers.length > 0 && numbers.every((each) => typeof each === 'number')) return numbers;
  throw unreadable(layer, name, 'numbers', value);
}

/** A setting such as `[[top, bottom], [left, right]]`. @internal */
export function marginsIn(layer: PortableLayer, name: string): readonly (readonly number[])[] {
  const value = layer.config[name];
  const isPair = (each: unknown): boolean =>
    Array.isArray(each) && each.length === 2 && each.every((side) => typeof side === 'number');
  if (Array.isArray(value) && value.length === 2 && value.every(isPair)) {
    return value as number[][];
  }
  throw unreadable(layer, name, '[[top, bottom], [left, right]]', value);
}

/**
 * Refuses layers that hold images channels first, which no backend of TensorFlow.js but one can
 * train.
 *
 * @internal
 */
export function checkChannelsLast(layer: PortableLayer): void {
  const { dataFormat = 'channelsLast' } = layer.config;
  if (dataFormat !== 'channelsLast') throw unsupported(layer, 'dataFormat', "'channelsLast'");
}

/** Refuses a setting that an exporter has no words for. @internal */
export function unsupported(layer: PortableLayer, name: string, wanted: string): RangeError {
  return new RangeError(
    `Cannot export the network: ${name} of the layer '${layer.name}' must be ${wanted}, ` +
      `got ${formatValue(layer.config[name])}. Write the layer yourself: layers: { ${layer.kind}: … }`,
  );
}

/**
 * Refuses a layer whose inputs have a number of axes that an exporter has no words for.
 *
 * @internal
 */
export function unsupportedRank(layer: PortableLayer, wanted: string): RangeError {
  const axes = layer.inputShapes.map(({ length }) => length + 1).join(' and ');
  return new RangeError(
    `Cannot export the network: inputs of the layer '${layer.name}' must have ${wanted} axes, got ${axes}. ` +
      `Write the layer yourself: layers: { ${layer.kind}: … }`,
  );
}

function unreadable(
  { kind, name: layer }: PortableLayer,
  name: string,
  wanted: string,
  value: unknown,
): TypeError {
  return new TypeError(
    `Cannot export the network: ${name} of the layer '${layer}' (${kind}) must be ${wanted}, ` +
      `got ${formatValue(value)}`,
  );
}

/** @internal */
export function missingWeight(action: string, layer: PortableLayer, role: string): RangeError {
  return new RangeError(
    `Cannot ${action}: the layer '${layer.name}' (${layer.kind}) must have the weight ${formatValue(role)}, ` +
      `got ${Object.keys(layer.weights).join(', ') || 'none'}`,
  );
}
