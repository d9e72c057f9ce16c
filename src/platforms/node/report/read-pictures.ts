import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportPicture } from '../../../report/report-data.ts';
import { isMissing, reasonOf } from '../write-file.ts';
import { evenChoice } from './even-choice.ts';

/** What a report shows of a folder of sample grids. @internal */
export interface ReadPictures {
  readonly pictures: readonly ReportPicture[];
  readonly picturesLeftOut: number;
}

/** Bytes of pictures in a report, before base64 makes four of three. */
const budget = 3 * 2 ** 20;

/** More than a slider has places for. */
const mostPictures = 120;

/**
 * Reads the pictures that `sampleGrid` drew, evenly thinned out to what a report may hold. Files that did not change
 * are read once.
 *
 * @returns A function that looks again, at pictures of steps up to the one given.
 *
 * @internal
 */
export function pictureReader(folder: string): (lastStep: number) => Promise<ReadPictures> {
  let known = new Map<string, ReportPicture>();
  return async (lastStep) => {
    try {
      const found = await list(folder, lastStep);
      const chosen = evenChoice(
        found.map(({ size }) => size),
        budget,
        mostPictures,
      ).map((i) => found[i]!);
      const now = new Map<string, ReportPicture>();
      for (const { path, step, key } of chosen) {
        now.set(key, known.get(key) ?? { step, png: (await readFile(path)).toString('base64') });
      }
      known = now;
      return { pictures: [...now.values()], picturesLeftOut: found.length - now.size };
    } catch (error) {
      throw new Error(
        `Cannot write the report: '${folder}' must be a readable folder of pictures, got ${reasonOf(error)}`,
        { cause: error },
      );
    }
  };
}

interface PictureFile {
  readonly path: string;
  readonly step: number;
  readonly size: number;
  /** Changes when the file does. */
  readonly key: string;
}

async function list(folder: string, lastStep: number): Promise<readonly PictureFile[]> {
  const files: PictureFile[] = [];
  for (const name of await namesIn(folder)) {
    const step = Number(/^step-(\d+)\.png$/.exec(name)?.[1]);
    if (!(step <= lastStep)) continue;
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path);
    files.push({ path, step, size, key: `${name} ${size} ${mtimeMs}` });
  }
  return files.sort((a, b) => a.step - b.step);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
