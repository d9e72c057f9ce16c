const side = 480;

/** The distance from the picture's center to its edges, in data units. */
const reach = 1.5;

/**
 * Points in the plane as an SVG picture: samples as dots, the centers of the clusters as circles.
 */
export function drawPoints(
  points: readonly (readonly number[])[],
  centers: readonly (readonly number[])[],
): string {
  const place = ([x = 0, y = 0]: readonly number[]): string =>
    `cx="${onPicture(x).toFixed(1)}" cy="${onPicture(-y).toFixed(1)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side}" height="${side}">`,
    `<rect width="${side}" height="${side}" fill="white"/>`,
    `<g fill="#1f77b4" fill-opacity="0.35">`,
    ...points.map((point) => `<circle ${place(point)} r="2"/>`),
    '</g>',
    `<g fill="none" stroke="#d62728" stroke-width="1.5">`,
    ...centers.map((center) => `<circle ${place(center)} r="14"/>`),
    '</g>',
    '</svg>\n',
  ].join('\n');
}

function onPicture(value: number): number {
  return ((value + reach) / (2 * reach)) * side;
}
