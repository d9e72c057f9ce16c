import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportPicture } from '../../../report/report-data.ts';
import { orExplain, unlessMissing } from '../write-file.ts';
import { evenChoice } from './even-choice.ts';

/** The images of a folder of sample grids, as a report shows them. @internal */
export interface ReadPictures {
  readonly pictures: readonly ReportPicture[];
  readonly picturesLeftOut: number;
  /** Real samples, if `sampleGrid` drew some. */
  readonly realPicture: string | undefined;
}

/** File name of the real samples that `sampleGrid` draws. @internal */
export const realPictureName = 'real.png';

/** Maximum bytes of images in a report, before base64 adds a third. */
const budget = 3 * 2 ** 20;

/** Maximum number of images, limited by the slider. */
const mostPictures = 120;

/**
 * Reads the images that `sampleGrid` drew, evenly thinned out for each generator to the maximum
 * size of a report. Unchanged files are read once.
 *
 * @returns A function that reads again, up to the images of the given step.
 *
 * @internal
 */
export function pictureReader(folder: string): (lastStep: number) => Promise<ReadPictures> {
  let known = new Map<string, ReportPicture>();
  return (lastStep) =>
    orExplain(`write the report: '${folder}' must be a readable folder of pictures`, async () => {
      const found = await list(folder, lastStep);
      const generators = [...new Set(found.map(({ generator }) => generator))].sort();
      const now = new Map<string, ReportPicture>();
      for (const name of generators) {
        const own = found.filter(({ generator }) => generator === name);
        const sizes = own.map(({ size }) => size);
        for (const i of evenChoice(sizes, budget / generators.length, mostPictures)) {
          const { path, step, key, generator } = own[i]!;
          const png = known.get(key)?.png ?? (await readFile(path)).toString('base64');
          now.set(key, { step, png, generator });
        }
      }
      known = now;
      return {
        pictures: [...now.values()],
        picturesLeftOut: found.length - now.size,
        realPicture: await realPicture(folder),
      };
    });
}

/** Read again each time: it is small, and a continued run may have other data. */
async function realPicture(folder: string): Promise<string | undefined> {
  const file = await unlessMissing(readFile(join(folder, realPictureName)));
  return file === undefined || file.length > budget ? undefined : file.toString('base64');
}

interface PictureFile {
  readonly path: string;
  readonly step: number;
  /** The name of the generator, if there are several. */
  readonly generator: string | undefined;
  readonly size: number;
  /** Changes when the file does. */
  readonly key: string;
}

async function list(folder: string, lastStep: number): Promise<readonly PictureFile[]> {
  const files: PictureFile[] = [];
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const [, digits, suffix] = /^step-(\d+)(?:-(.+))?\.png$/.exec(name) ?? [];
    const step = Number(digits);
    if (!(step <= lastStep)) continue;
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path);
    files.push({
      path,
      step,
      generator: suffix && decoded(suffix),
      size,
      key: `${name} ${size} ${mtimeMs}`,
    });
  }
  return files.sort((a, b) => a.step - b.step);
}

/** The name of a generator, unescaped from the file name that sampleGrid wrote. */
function decoded(suffix: string): string {
  try {
    return decodeURIComponent(suffix);
  } catch {
    return suffix;
  }
}
