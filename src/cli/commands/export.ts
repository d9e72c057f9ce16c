import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { choice, text } from '../flags.ts';

/** `npx tfjs-gan export MODEL`. */
export const exportCommand: Command = defineCommand({
  name: 'export',
  summary:
    'writes a generator, or the training of a run, for other programs: ONNX, PyTorch, safetensors',
  operands: ['MODEL'],
  flags: {
    to: choice<'onnx' | 'torch' | 'torch-training' | 'safetensors'>(
      'onnx',
      ['onnx', 'torch', 'torch-training', 'safetensors'],
      'onnx, torch, torch-training or safetensors',
    ),
    out: text<string | undefined>(
      undefined,
      'folder; that of the run or of the model by default',
      'FOLDER',
    ),
    layout: choice<'nhwc' | 'nchw'>(
      'nhwc',
      ['nhwc', 'nchw'],
      'axes of pictures in ONNX: nhwc or nchw',
    ),
    pixels: choice<'values' | 'bytes'>(
      'values',
      ['values', 'bytes'],
      'samples in ONNX: values, or bytes 0…255',
    ),
    precision: choice<'float32' | 'float16'>(
      'float32',
      ['float32', 'float16'],
      'weights in ONNX: float32 or float16',
    ),
    ...backendFlags,
  },
  examples: [
    'export runs/pictures',
    'export runs/pictures --to torch --out python/',
    'export runs/pictures --to torch-training',
  ],
  run: async (call) => (await import('../models/export-model.ts')).exportModel(call),
});
