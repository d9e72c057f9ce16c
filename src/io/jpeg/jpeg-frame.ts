import { cutJpeg, damagedJpeg, refusedJpeg } from './jpeg-error.ts';

/** One of the planes that make a picture: brightness, or a difference of color. @internal */
export interface JpegComponent {
  readonly id: number;
  /** How many of its blocks lie beside and above each other in one unit of an interleaved scan. */
  readonly horizontal: number;
  readonly vertical: number;
  /** Number of its quantization table. */
  readonly quantization: number;
  /** Pixels it has of its own. */
  readonly width: number;
  readonly height: number;
  /** Blocks in a row and rows of blocks that its pixels fill. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Blocks in a row and rows of blocks, filled up to whole units. */
  readonly paddedAcross: number;
  readonly paddedDown: number;
}

/** What the header of a JPEG says. @internal */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly JpegComponent[];
  /** Units of an interleaved scan in a row, and rows of them. */
  readonly unitsAcross: number;
  readonly unitsDown: number;
  /** The largest `horizontal` and `vertical` of the components. */
  readonly horizontal: number;
  readonly vertical: number;
}

/** Other ways to pack pixels, by marker. */
const otherKinds: Readonly<Record<number, string>> = {
  0xc3: 'lossless',
  0xc5: 'hierarchical',
  0xc6: 'hierarchical',
  0xc7: 'hierarchical',
  0xc9: 'arithmetic-coded',
  0xca: 'arithmetic-coded',
  0xcb: 'lossless',
  0xcd: 'hierarchical',
  0xce: 'hierarchical',
  0xcf: 'hierarchical',
  0xf7: 'lossless',
};

/** Whether a marker begins the header, of whatever kind. @internal */
export function isFrameMarker(marker: number): boolean {
  return marker in otherKinds || (marker >= 0xc0 && marker <= 0xc2);
}

/**
 * Reads a SOF segment, and checks it before anything is allocated by it.
 *
 * @param fileBytes - Length of the file: each block of pixels takes at least a bit of it.
 *
 * @see ITU-T T.81, sections A.1, A.2 and B.2.2.
 *
 * @internal
 */
export function readFrame(marker: number, data: Uint8Array, fileBytes: number): JpegFrame {
  const kind = otherKinds[marker];
  if (kind !== undefined) {
    throw refusedJpeg(`it must be baseline or progressive, got a ${kind} one. ${saveAgain}`);
  }
  if (data.length < 6) throw damagedJpeg('its header is too short');
  const [precision, heightHigh, heightLow, widthHigh, widthLow, count] = data;
  const height = heightHigh! * 256 + heightLow!;
  const width = widthHigh! * 256 + widthLow!;
  if (precision !== 8) {
    throw refusedJpeg(`its samples must have 8 bits, got ${precision!}. ${saveAgain}`);
  }
  if (width === 0 || height === 0) throw refusedJpeg(`it must have pixels, got ${width}×${height}`);
  if (count === 4) {
    throw refusedJpeg(
      'its colors must be gray or RGB, got four inks (CMYK), as for print. ' +
        'Convert it, for example with ImageMagick: magick mogrify -colorspace sRGB FILE',
    );
  }
  if (count !== 1 && count !== 3)
    throw refusedJpeg(`it must have 1 or 3 components, got ${count!}`);
  if (data.length < 6 + 3 * count) throw damagedJpeg('its header is too short');
  return frameOf({ width, height, progressive: marker === 0xc2 }, data.subarray(6), {
    count,
    fileBytes,
  });
}

const saveAgain = 'Save it again with another program';

function frameOf(
  { width, height, progressive }: Pick<JpegFrame, 'width' | 'height' | 'progressive'>,
  data: Uint8Array,
  { count, fileBytes }: { readonly count: number; readonly fileBytes: number },
): JpegFrame {
  const raw = Array.from({ length: count }, (_, i) => {
    const [id = 0, sampling = 0, quantization = 0] = data.subarray(3 * i);
    return { id, horizontal: sampling >> 4, vertical: sampling & 15, quantization };
  });
  const isFactor = (factor: number): boolean => factor >= 1 && factor <= 4;
  if (!raw.every((one) => isFactor(one.horizontal) && isFactor(one.vertical))) {
    throw damagedJpeg('a sampling factor is not 1, 2, 3 or 4');
  }
  if (new Set(raw.map(({ id }) => id)).size < count) {
    throw damagedJpeg('two components have one number');
  }
  const horizontal = Math.max(...raw.map((one) => one.horizontal));
  const vertical = Math.max(...raw.map((one) => one.vertical));
  if (raw.some((one) => horizontal % one.horizontal > 0 || vertical % one.vertical > 0)) {
    throw refusedJpeg(
      `each component must be a whole number of times smaller than the largest. ${saveAgain}`,
    );
  }
  const unitsAcross = Math.ceil(width / (8 * horizontal));
  const unitsDown = Math.ceil(height / (8 * vertical));
  const components = raw.map((one): JpegComponent => {
    const ownWidth = Math.ceil((width * one.horizontal) / horizontal);
    const ownHeight = Math.ceil((height * one.vertical) / vertical);
    return {
      ...one,
      width: ownWidth,
      height: ownHeight,
      blocksAcross: Math.ceil(ownWidth / 8),
      blocksDown: Math.ceil(ownHeight / 8),
      paddedAcross: unitsAcross * one.horizontal,
      paddedDown: unitsDown * one.vertical,
    };
  });
  const blocks = components.reduce((sum, one) => sum + one.blocksAcross * one.blocksDown, 0);
  if (blocks > 8 * fileBytes) {
    throw cutJpeg(`the header states ${width}×${height} pixels, more than it can contain`);
  }
  return { width, height, progressive, components, unitsAcross, unitsDown, horizontal, vertical };
}
