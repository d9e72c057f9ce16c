import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { datasetFromTfData } from '../../src/data/from-tf-data.ts';
import { labelsOf, valuesOf } from './dataset-contract.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Stream = tf.data.Dataset<tf.TensorContainer>;

function streamOf(element: () => unknown): Stream {
  return tf.data.generator(function* () {
    yield element();
  } as never);
}

async function messageOf(source: Stream): Promise<string> {
  return datasetFromTfData(source).then(
    () => 'no error',
    (error: unknown) => (error as Error).message,
  );
}

/** The stream as the message says to map it. */
function cured(source: Stream, message: string): Stream {
  const [code = ''] = /source\.map\(.*\)(?=$|, with const classes)/.exec(message) ?? [];
  const cure = runInThisContext(`(source, classes) => ${code}`) as (...args: unknown[]) => Stream;
  return cure(source, ['dog', 'cat']);
}

const wanted = 'element 0 must be a tensor, numbers, { xs, ys } or { samples, labels }';
const classes = "with const classes = ['…', '…'], the names of all";

describe('the error for an element that is no sample shows what it holds and a map that works', () => {
  test.each<[string, () => unknown, string, string]>([
    [
      'columns with labels',
      () => ({ xs: { a: 1, b: 2 }, ys: { label: 1 } }),
      `${wanted}, got { xs: { a: 1, b: 2 }, ys: { label: 1 } }`,
      'Map it: source.map(({ xs, ys }) => ({ xs: Object.values(xs), ys: ys.label }))',
    ],
    [
      'a label column of another name',
      () => ({ xs: { 'petal width': 1, b: 2 }, ys: { 'it is "new"': 1 } }),
      `${wanted}, got { xs: { "petal width": 1, b: 2 }, ys: { "it is \\"new\\"": 1 } }`,
      'Map it: source.map(({ xs, ys }) => ({ xs: Object.values(xs), ys: ys["it is \\"new\\""] }))',
    ],
    [
      'samples and labels by the other names',
      () => ({ samples: { a: 1, b: 2 }, labels: 1 }),
      `${wanted}, got { samples: { a: 1, b: 2 }, labels: 1 }`,
      'Map it: source.map(({ samples: xs, labels: ys }) => ({ xs: Object.values(xs), ys }))',
    ],
    [
      'text in labels and columns',
      () => ({ xs: { a: 1, color: 'red', b: 2 }, ys: { kind: 'cat' } }),
      `${wanted}, got { xs: { a: 1, color: 'red', b: 2 }, ys: { kind: 'cat' } }`,
      'Number the classes: source.map(({ xs, ys }) => ({ xs: Object.values(xs).filter(Number.isFinite), ' +
        `ys: classes.indexOf(ys.kind) })), ${classes}`,
    ],
    [
      'a pair of nested numbers',
      () => [[1, 2], 1],
      `${wanted}, got [[1, 2], 1]`,
      'Map it: source.map(([xs, ys]) => ({ xs, ys }))',
    ],
    [
      'a pair of tensors',
      () => [tf.tensor1d([1, 2]), tf.scalar(1, 'int32')],
      `${wanted}, got [float32 tensor of shape [2], int32 tensor of shape []]`,
      'Map it: source.map(([xs, ys]) => ({ xs, ys }))',
    ],
    [
      'a pair of bytes and a list',
      () => [new Float32Array([1, 2]), [1]],
      `${wanted}, got [Float32Array of 2, [1]]`,
      'Map it: source.map(([xs, ys]) => ({ xs, ys }))',
    ],
    [
      'a pair of columns and text',
      () => [{ a: 1, b: 2 }, 'cat'],
      `${wanted}, got [{ a: 1, b: 2 }, 'cat']`,
      `Number the classes: source.map(([xs, ys]) => ({ xs: Object.values(xs), ys: classes.indexOf(ys) })), ${classes}`,
    ],
    [
      'names of the data’s own',
      () => ({ 'the label': 1, image: tf.tensor1d([1, 2]) }),
      `${wanted}, got { "the label": 1, image: float32 tensor of shape [2] }`,
      'Map it: source.map(({ image: xs, "the label": ys }) => ({ xs, ys }))',
    ],
    [
      'a truth value as label',
      () => ({ xs: [1, 2], ys: true }),
      `${wanted}, got { xs: [1, 2], ys: true }`,
      'Map it: source.map(({ xs, ys }) => ({ xs, ys: Number(ys) }))',
    ],
    [
      'text as label',
      () => ({ xs: [1, 2], ys: 'cat' }),
      "the label of element 0 must be an integer, got 'cat'",
      `Number the classes: source.map(({ xs, ys }) => ({ xs, ys: classes.indexOf(ys) })), ${classes}`,
    ],
    [
      'text in a list as label',
      () => ({ xs: tf.tensor1d([1, 2]), ys: ['cat'] }),
      "the label of element 0 must be an integer, got ['cat']",
      `Number the classes: source.map(({ xs, ys }) => ({ xs, ys: classes.indexOf(ys[0]) })), ${classes}`,
    ],
    [
      'a string tensor as label',
      () => ({ xs: tf.tensor1d([1, 2]), ys: tf.scalar('cat') }),
      'the label of element 0 must be an integer, got string tensor of shape []',
      'Number the classes: source.map(({ xs, ys }) => ({ xs, ys: classes.indexOf(ys.dataSync()[0]) })), ' +
        classes,
    ],
  ])('%s', async (_, element, problem, cure) => {
    const source = streamOf(element);
    const before = tf.memory().numTensors;
    const message = await messageOf(source);
    expect(message).toBe(`Cannot create the dataset 'tf.data': ${problem}. ${cure}`);
    expect(tf.memory().numTensors).toBe(before);
    const dataset = await datasetFromTfData(cured(source, message));
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[1, 2]]);
    expect(await labelsOf(dataset, { batchSize: 1 })).toEqual([[1]]);
  });

  test.each<[string, () => unknown, string]>([
    ['columns', () => ({ a: 1, b: 2 }), 'source.map((xs) => Object.values(xs))'],
    [
      'columns of which one is text',
      () => ({ a: 1, color: 'red', b: 2 }),
      'source.map((xs) => Object.values(xs).filter(Number.isFinite))',
    ],
    ['a name alone', () => ({ image: [1, 2] }), 'source.map(({ image: xs }) => xs)'],
    [
      'columns under xs alone',
      () => ({ xs: { a: 1, b: 2 } }),
      'source.map(({ xs }) => Object.values(xs))',
    ],
  ])('without labels: %s', async (_, element, cure) => {
    const source = streamOf(element);
    const message = await messageOf(source);
    expect(message).toContain(`. Map it: ${cure}`);
    const dataset = await datasetFromTfData(cured(source, message));
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[1, 2]]);
  });

  test.each<[string, () => unknown, string]>([
    ['text', () => 'cat', "'cat'"],
    ['a string tensor', () => tf.tensor1d(['a', 'b']), 'string tensor of shape [2]'],
    ['text in columns alone', () => ({ a: 'x', b: 'y' }), "{ a: 'x', b: 'y' }"],
    [
      'several columns of labels',
      () => ({ xs: [1], ys: { cat: 0, dog: 1 } }),
      '{ xs: [1], ys: { cat: 0, dog: 1 } }',
    ],
    ['no label in its place', () => ({ xs: [1], ys: null }), '{ xs: [1], ys: null }'],
    [
      'a list of tensors',
      () => [tf.zeros([2]), tf.zeros([2]), tf.zeros([2])],
      '[float32 tensor of shape [2], float32 tensor of shape [2], float32 tensor of shape [2]]',
    ],
    [
      'much',
      () => ({ xs: { a: { b: { c: 1 } } }, ys: Array.from('abcdefgh') }),
      "{ xs: { a: { b: { … } } }, ys: ['a', 'b', 'c', 'd', 'e', 'f', … 8 in all] }",
    ],
  ])('with no more than the form of a map: %s', async (_, element, got) => {
    const before = tf.memory().numTensors;
    expect(await messageOf(streamOf(element))).toBe(
      `Cannot create the dataset 'tf.data': ${wanted}, got ${got}. ` +
        'Map each element to one of them: source.map((element) => ({ xs: …, ys: … }))',
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test('columns of a file that tf.data.csv reads', async () => {
    const file = join(await temporaryFolder(), 'points.csv');
    await writeFile(file, 'x,y,kind\n1,2,cat\n3,4,dog\n');
    const source = tf.data.csv(`file://${file}`, {
      columnConfigs: { kind: { isLabel: true } },
    }) as unknown as Stream;
    const dataset = await datasetFromTfData(cured(source, await messageOf(source)));
    expect(await valuesOf(dataset, { batchSize: 2 })).toEqual([[1, 2, 3, 4]]);
    expect(await labelsOf(dataset, { batchSize: 2 })).toEqual([[1, 0]]);
  });

  test('a later element', async () => {
    const source = tf.data.array([[1, 2], { a: 1 }] as never);
    const dataset = await datasetFromTfData(source);
    await expect(valuesOf(dataset, { batchSize: 2 })).rejects.toThrow(
      "Cannot batch the dataset 'tf.data': element 1 must be a tensor, numbers, { xs, ys } or { samples, labels }, " +
        'got { a: 1 }',
    );
  });
});
