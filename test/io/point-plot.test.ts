import { describe, expect, test } from 'vitest';
import type { Picture } from '../../src/io/picture.ts';
import { pointPlot, type PointPlotOptions } from '../../src/io/point-plot.ts';

/** A plot of 100 pixels a side: the picture is 148 wide, and its plot begins at [36, 14]. */
const square: PointPlotOptions = { width: 148, range: { x: [0, 10], y: [0, 10] }, radius: 3 };

function plot(points: readonly number[], real?: readonly number[], options = square): Picture {
  return pointPlot('draw points', points, real, options);
}

/** Whether two pictures have the same pixels. */
function same(one: Picture, other: Picture): boolean {
  return Buffer.from(one.data).equals(other.data);
}

/** Red, green and blue at a place of the plane of {@link square}. */
function at({ data, width }: Picture, x: number, y: number): number[] {
  const start = 3 * ((14 + 100 - 10 * y) * width + 36 + 10 * x);
  return [...data.subarray(start, start + 3)];
}

describe('pointPlot', () => {
  test('draws a point at its place, the first coordinate to the right and the second upwards', () => {
    const picture = plot([2.5, 7.5]);
    expect([picture.width, picture.height, picture.channels]).toEqual([148, 128, 3]);
    const [red, green, blue] = at(picture, 2.5, 7.5);
    expect(red).toBeLessThan(150);
    expect(blue).toBeGreaterThan(green!);
    expect(at(picture, 7.5, 2.5)).toEqual([255, 255, 255]);
    expect(at(picture, 2.5, 2.5)).toEqual([255, 255, 255]);
  });

  test('draws generated points over real ones, which show through', () => {
    const colors = { ...square, color: [255, 0, 0], realColor: [0, 0, 255] } as const;
    const [red, , blue] = at(plot([2.5, 7.5], [2.5, 7.5], colors), 2.5, 7.5);
    expect(red).toBeGreaterThan(blue!);
    expect(blue).toBeGreaterThan(0);
    const swapped = { ...colors, color: colors.realColor, realColor: colors.color };
    expect(same(plot([1, 2], [2.5, 7.5], colors), plot([2.5, 7.5], [1, 2], swapped))).toBe(false);
  });

  test('takes its range from the real points, so that pictures of a run can be compared', () => {
    const real = [0, 0, 4, 4];
    const options = { width: 148 };
    const near = plot([100, 2], real, options);
    // Far outside is at the edge.
    expect(same(near, plot([1e6, 2], real, options))).toBe(true);
    const asSaid = { width: 148, range: { x: [-0.8, 4.8], y: [-0.8, 4.8] } } as const;
    expect(same(near, plot([100, 2], real, asSaid))).toBe(true);
    expect(same(near, plot([100, 2], undefined, options))).toBe(false);
  });

  test('gives both axes one scale, unless that flattens one', () => {
    const round = plot([0, 0, 3, 1], undefined, { width: 148 });
    const asSaid = { width: 148, range: { x: [-0.6, 3.6], y: [-1.6, 2.6] } } as const;
    expect(same(round, plot([0, 0, 3, 1], undefined, asSaid))).toBe(true);
    const flat = plot([0, 0, 100, 1], undefined, { width: 148 });
    const stretched = { width: 148, range: { x: [-20, 120], y: [-0.2, 1.2] } } as const;
    expect(same(flat, plot([0, 0, 100, 1], undefined, stretched))).toBe(true);
  });

  test('draws one point, equal points, and large and tiny numbers', () => {
    for (const points of [
      [3, 3],
      [0, 0, 0, 0],
      [1e30, -1e30, 0, 0],
      [1e-30, 0],
    ]) {
      const { data } = plot(points, undefined, { width: 200 });
      expect(data.some((value, i) => i % 3 === 2 && value - data[i - 2]! > 60)).toBe(true);
    }
  });

  test('writes the numbers of the axes and the legend in ink that the background allows', () => {
    const dark = plot([2.5, 7.5], [1, 1], { ...square, background: 20 });
    // Below the plot: numbers.
    const below = (picture: Picture): Uint8Array =>
      picture.data.subarray(3 * picture.width * (14 + 100 + 3));
    expect(Math.max(...below(dark))).toBeGreaterThan(150);
    expect(Math.min(...below(plot([2.5, 7.5])))).toBeLessThan(100);
    const legend = ({ data, width }: Picture): Uint8Array => data.subarray(0, 3 * width * 13);
    expect(Buffer.from(legend(plot([1, 1], [2, 2]))).equals(legend(plot([1, 1])))).toBe(false);
  });

  test.each([
    [[], undefined, square, 'points must be at least one point, got none'],
    [
      [1, NaN],
      undefined,
      square,
      'all coordinates of points must be finite numbers, got NaN in point 0',
    ],
    [
      [1, 1],
      [1, 1, 1, Infinity],
      square,
      'of real must be finite numbers, got Infinity in point 1',
    ],
    [
      [1, 1],
      undefined,
      { width: 20 },
      'width must leave room for the axes, 49 pixels or more, got 20',
    ],
    [[1, 1], undefined, { width: 1.5 }, 'width must be a positive integer, got 1.5'],
    [[1, 1], undefined, { radius: 0 }, 'radius must be a positive number, got 0'],
    [
      [1, 1],
      undefined,
      { range: [0, 1] as never },
      'range must be { x: [low, high], y: [low, high] }, got [0, 1]',
    ],
    [
      [1, 1],
      undefined,
      { range: { x: [0, 1], y: [1, 1] } as const },
      'range.y must be two finite numbers, the lower first, got [1, 1]',
    ],
    [
      [1, 1],
      undefined,
      { color: [0, 0] as never },
      'color must be a gray from 0 to 255 or [red, green, blue], got [0, 0]',
    ],
  ] as const)('refuses %j over %j', (points, real, options, message) => {
    expect(() => plot(points, real, options)).toThrow(`Cannot draw points: `);
    expect(() => plot(points, real, options)).toThrow(message);
  });
});
