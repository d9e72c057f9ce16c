import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { augmented } from '../../data/augmented.ts';
import type { Dataset } from '../../data/dataset.ts';
import { datasetFromArray } from '../../data/from-array.ts';
import { datasetFromIdx } from '../../data/from-idx.ts';
import { gunzip } from '../../data/gunzip.ts';
import { parseIdx } from '../../data/idx.ts';
import type { InMemoryDataset } from '../../data/in-memory.ts';
import { type ColumnSetting, tableDataset } from '../../data/table/read-table.ts';
import type { TableDataset } from '../../data/table/table-dataset.ts';
import { imageFolder } from '../../platforms/node/image-folder.ts';
import { loadMnist } from '../../platforms/node/load-mnist.ts';
import { readBytes } from '../../platforms/node/read-bytes.ts';
import { orExplain } from '../../platforms/node/write-file.ts';
import { bySubfolders, type DataSettings } from './data-settings.ts';
import { type NpyArray, parseNpy } from './npy.ts';

/** Most bytes that a gzipped file may unpack to. */
const mostBytes = 2 ** 31;
/** Bytes of a table that are read at a time. */
const partBytes = 2 ** 18;

/** Reads the samples of a run. */
export async function readData(settings: DataSettings): Promise<Dataset> {
  const data = await readSamples(settings);
  return settings.flip === true ? augmented(data, { flip: true }) : data;
}

/** Reads a table. */
export async function readTable(
  { path, limit }: DataSettings,
  columns?: Readonly<Record<string, ColumnSetting>>,
): Promise<TableDataset> {
  const table = await tableDataset(readParts(path), { name: basename(path), columns });
  return limit === undefined || limit >= table.size
    ? table
    : tableDataset(table.rows(0, limit), { name: basename(path), columns });
}

/** Reads samples as they are, without augmentation. */
export async function readSamples(settings: DataSettings): Promise<Dataset> {
  const { kind, path, labels, limit } = settings;
  if (kind === 'table') return readTable(settings);
  if (kind === 'mnist') return loadMnist({ split: 'train', limit });
  if (kind === 'images') {
    const { imageShape, fit = 'cover', onDemand } = settings;
    return imageFolder(path, {
      imageShape: imageShape!,
      labels: labels === bySubfolders ? 'subfolders' : 'none',
      resize: { fit },
      limit,
      onDemand,
      onError: 'skip',
    });
  }
  const classes = labels === undefined ? undefined : await readLabels(labels);
  const all = kind === 'idx' ? await readIdx(path, classes) : await readNpy(path, classes);
  return limit === undefined ? all : all.slice(0, limit);
}

async function readIdx(
  path: string,
  labels: NpyArray['data'] | undefined,
): Promise<InMemoryDataset> {
  const images = parseIdx(await readUnpacked(path), `'${path}'`);
  const name = basename(path);
  if (labels === undefined) return datasetFromIdx({ images }, { name });
  const type = 'int32' as const;
  const given = { shape: [labels.length], data: Int32Array.from(labels), type };
  return datasetFromIdx({ images, labels: given }, { name });
}

async function readNpy(
  path: string,
  labels: NpyArray['data'] | undefined,
): Promise<InMemoryDataset> {
  const { shape, data } = parseNpy(await readUnpacked(path), `'${path}'`);
  const [, ...inner] = shape;
  const sampleShape = inner.length === 2 ? [...inner, 1] : inner;
  const name = basename(path);
  const inputRange = sampleShape.length === 3 ? rangeOf(data) : undefined;
  return datasetFromArray(data, { name, sampleShape, inputRange, labels });
}

/** The usual range of pixels that the values lie in; other ranges are the dataset's to refuse. */
function rangeOf(data: NpyArray['data']): readonly [number, number] | undefined {
  if (data instanceof Uint8Array) return undefined;
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low < 0) return undefined;
  return high <= 1 ? [0, 1] : [0, 255];
}

async function readLabels(path: string): Promise<NpyArray['data']> {
  const bytes = await readUnpacked(path);
  return /\.npy(\.gz)?$/i.test(path)
    ? parseNpy(bytes, `'${path}'`).data
    : parseIdx(bytes, `'${path}'`).data;
}

/** The parts of a file, which may be larger than a string; a packed one is unpacked as a whole. */
async function* readParts(path: string): AsyncGenerator<Uint8Array> {
  if (/\.gz$/i.test(path)) {
    yield await readUnpacked(path);
    return;
  }
  const action = `read the data: '${path}' must be readable`;
  const file = await orExplain(action, () => open(path));
  try {
    for (;;) {
      const { bytesRead, buffer } = await orExplain(action, () =>
        file.read({ buffer: new Uint8Array(partBytes) }),
      );
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function readUnpacked(path: string): Promise<Uint8Array> {
  return gunzip('read the data', `'${path}'`, await readBytes('read the data', path), mostBytes);
}
