import { describe, expect, test } from 'vitest';
import { saveGenerator } from 'tfjs-gan';
import {
  directoryStore,
  historyFile,
  runFolder,
  runReport,
  sampleGrid,
  tensorBoard,
  trainingCurves,
  writeReport,
} from 'tfjs-gan/node';

// Before a run begins, rather than after the epoch at whose end a file is to be written.
describe.each<[text: string, path: never]>([
  ["''", '' as never],
  ['undefined', undefined as never],
  ['5', 5 as never],
])('a path that is %s is refused', (text, path) => {
  test.each<[make: (path: string) => unknown, message: string]>([
    [directoryStore, 'Cannot open a folder of checkpoints: path must name a folder'],
    [historyFile, 'Cannot write the history: path must name a file'],
    [runFolder, 'Cannot write a run: folder must name a folder'],
    [runReport, 'Cannot write the report: folder must name a folder'],
    [sampleGrid, 'Cannot draw sample grids: folder must name a folder'],
    [tensorBoard, 'Cannot write for TensorBoard: folder must name a folder'],
    [trainingCurves, 'Cannot draw training curves: folder must name a folder'],
    [
      saveGenerator,
      'Cannot save the generator: target must be an address, an IOHandler or a function that returns one',
    ],
  ])('by %o', (make, message) => {
    expect(() => make(path)).toThrow(new RangeError(`${message}, got ${text}`));
  });

  test('by writeReport', async () => {
    await expect(writeReport(path)).rejects.toThrow(
      `Cannot write the report: folder must name a folder, got ${text}`,
    );
  });
});
