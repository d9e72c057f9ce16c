import { escapeText } from '../svg.ts';

/** A PNG as an address in the page. @internal */
export function dataUri(png: string): string {
  return `data:image/png;base64,${png}`;
}

/** Wider pictures are made to be looked at as they are; smaller ones are small images in a grid. */
const widestGrid = 400;

/** Whether a PNG, in base64, is wider than a grid of small images. @internal */
export function isLarge(png: string): boolean {
  return sizeOfPng(png).width > widestGrid;
}

/** Width and height of a PNG, in base64. @internal */
export function sizeOfPng(png: string): { readonly width: number; readonly height: number } {
  // Both are in the header: four bytes each, the highest first.
  const bytes = atob(png.slice(0, 32));
  const read = (start: number): number =>
    Array.from(bytes.slice(start, start + 4)).reduce(
      (sum, letter) => 256 * sum + letter.charCodeAt(0),
      0,
    );
  return { width: read(16), height: read(20) };
}

/** A picture of the page. @internal */
export function picture(png: string, name: string): string {
  return `<img src="${escapeText(dataUri(png))}" alt="${name}"${isLarge(png) ? ' class="large"' : ''}>`;
}
