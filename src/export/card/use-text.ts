import { isCondition } from '../../models/conditions.ts';
import type { Generator } from '../../models/generator.ts';
import type { NetworkInput } from '../../models/network.ts';
import { numpyInput, torchInput } from '../example-inputs.ts';
import { heldShape } from '../channels-first.ts';

/** Where files of a generator lie. @internal */
export interface CardFiles {
  readonly model?: string | undefined;
  readonly onnx?: string | undefined;
  readonly torch?: string | undefined;
}

/** Code that uses each file; nothing if there is none. @internal */
export function useText(
  generator: Generator,
  { model, onnx, torch }: CardFiles,
): string | undefined {
  const parts = [
    model === undefined ? [] : [['With tfjs-gan', 'ts', loaded(generator, model)]],
    onnx === undefined ? [] : [['With ONNX Runtime', 'python', onnxCode(generator, onnx)]],
    torch === undefined ? [] : [['With PyTorch', 'python', torchCode(generator, torch)]],
  ].flat() as [string, string, string][];
  if (parts.length === 0) return undefined;
  return parts
    .map(([title, language, code]) => `${title}:\n\n\`\`\`${language}\n${code}\n\`\`\``)
    .join('\n\n');
}

function loaded(generator: Generator, model: string): string {
  const label = inputsOf(generator).find(([, input]) => isLabels(input));
  const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(model);
  const options = label === undefined ? '{ seed: 1 }' : `{ seed: 1, ${label[0]}: 0 }`;
  return [
    "import { Generator } from 'tfjs-gan';",
    ...(isAddress ? [] : ["import 'tfjs-gan/node'; // file:// addresses"]),
    '',
    `const generator = await Generator.load('${isAddress ? model : `file://${model}`}');`,
    `const samples = generator.sample(16, ${options});`,
  ].join('\n');
}

function onnxCode(generator: Generator, onnx: string): string {
  return [
    'import numpy as np',
    'import onnxruntime',
    '',
    `session = onnxruntime.InferenceSession('${onnx}')`,
    'random = np.random.default_rng(1)',
    'samples, = session.run(None, {',
    ...inputsOf(generator).map(
      ([name, input, shape]) => `    '${name}': ${numpyInput(input, [16, ...shape])},`,
    ),
    '})',
  ].join('\n');
}

function torchCode(generator: Generator, torch: string): string {
  const stem = torch.replace(/^.*\//, '').replace(/\.py$/, '');
  const given = inputsOf(generator).map(([, input, shape]) => {
    return torchInput(input, [16, ...heldShape(shape)]);
  });
  return [
    'import torch',
    `from ${stem} import load`,
    '',
    `generator = load('${stem}.safetensors')`,
    'with torch.no_grad():',
    `    samples = generator(${given.join(', ')})`,
  ].join('\n');
}

function inputsOf({ inputs, model }: Generator): [string, NetworkInput, readonly number[]][] {
  const named = Object.entries(inputs as Readonly<Record<string, NetworkInput>>);
  return named.map(([name, input], i) => [
    name,
    input,
    model.inputs[i]!.shape.slice(1) as number[],
  ]);
}

function isLabels(input: NetworkInput): boolean {
  return isCondition(input) && input.classes !== undefined;
}
