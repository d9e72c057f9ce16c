/** Pixels of one component, in rows of `stride`, of which `width` are part of the picture. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly pixels: Uint8Array;
}

/** How many times wider and higher the picture is. */
interface Factors {
  readonly across: number;
  readonly down: number;
}

/**
 * Enlarges a component to the size of the picture.
 *
 * Twice as wide or as high: each pixel is ¾ the nearest and ¼ the next, as libjpeg has it, bit for
 * bit. Other factors, and components up to two pixels wide, repeat pixels, as there.
 *
 * @returns Rows of `width` · `across` pixels.
 *
 * @internal
 */
export function upsample(plane: Plane, { across, down }: Factors): Plane {
  const isWide = plane.width > 2;
  if (across === 1 && down === 1) return plane;
  if (across === 2 && down === 1 && isWide) return doubleWidth(plane);
  if (across === 1 && down === 2) return doubleHeight(plane);
  if (across === 2 && down === 2 && isWide) return doubleBoth(plane);
  return repeat(plane, { across, down });
}

function doubleWidth({ width, height, stride, pixels }: Plane): Plane {
  const wide = new Uint8Array(2 * width * height);
  for (let y = 0; y < height; y += 1) {
    const from = y * stride;
    const to = 2 * y * width;
    for (let x = 0; x < width; x += 1) {
      const middle = 3 * pixels[from + x]!;
      const left = pixels[from + Math.max(0, x - 1)]!;
      const right = pixels[from + Math.min(width - 1, x + 1)]!;
      wide[to + 2 * x] = (middle + left + 1) >> 2;
      wide[to + 2 * x + 1] = (middle + right + 2) >> 2;
    }
  }
  return { width: 2 * width, height, stride: 2 * width, pixels: wide };
}

function doubleHeight({ width, height, stride, pixels }: Plane): Plane {
  const high = new Uint8Array(2 * width * height);
  for (let y = 0; y < 2 * height; y += 1) {
    const near = y >> 1;
    const next = Math.min(height - 1, Math.max(0, y % 2 === 0 ? near - 1 : near + 1));
    for (let x = 0; x < width; x += 1) {
      const sum = 3 * pixels[near * stride + x]! + pixels[next * stride + x]!;
      high[y * width + x] = (sum + 1 + (y % 2)) >> 2;
    }
  }
  return { width, height: 2 * height, stride: width, pixels: high };
}

function doubleBoth({ width, height, stride, pixels }: Plane): Plane {
  const large = new Uint8Array(4 * width * height);
  const columns = new Uint16Array(width);
  for (let y = 0; y < 2 * height; y += 1) {
    const near = y >> 1;
    const next = Math.min(height - 1, Math.max(0, y % 2 === 0 ? near - 1 : near + 1));
    for (let x = 0; x < width; x += 1) {
      columns[x] = 3 * pixels[near * stride + x]! + pixels[next * stride + x]!;
    }
    const to = 2 * y * width;
    for (let x = 0; x < width; x += 1) {
      const middle = 3 * columns[x]!;
      large[to + 2 * x] = (middle + columns[Math.max(0, x - 1)]! + 8) >> 4;
      large[to + 2 * x + 1] = (middle + columns[Math.min(width - 1, x + 1)]! + 7) >> 4;
    }
  }
  return { width: 2 * width, height: 2 * height, stride: 2 * width, pixels: large };
}

function repeat({ width, height, stride, pixels }: Plane, { across, down }: Factors): Plane {
  const large = new Uint8Array(width * across * height * down);
  for (let y = 0; y < height * down; y += 1) {
    const from = Math.floor(y / down) * stride;
    const to = y * width * across;
    for (let x = 0; x < width * across; x += 1) {
      large[to + x] = pixels[from + Math.floor(x / across)]!;
    }
  }
  return { width: width * across, height: height * down, stride: width * across, pixels: large };
}
