import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from 'tfjs-gan';
import { encodePng, type Picture } from 'tfjs-gan/node';

/** Fills a folder with PNG files of various sizes, most in color, some gray. */
export async function drawFaces(folder: string, count: number, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = new Random(seed);
  for (let i = 0; i < count; i += 1) {
    const width = 40 + random.integer(24);
    const height = 40 + random.integer(24);
    const face = drawFace(random, width, height, i % 8 === 7 ? 1 : 3);
    await writeFile(join(folder, `face-${String(i).padStart(4, '0')}.png`), encodePng(face));
  }
}

/** A round face in front of a wall, with a random gaze and mood. */
function drawFace(random: Random, width: number, height: number, channels: 1 | 3): Picture {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const wall = [between(20, 110), between(40, 130), between(60, 160)];
  const skin = [between(200, 255), between(150, 215), between(60, 140)];
  const [look, mood, roundness] = [between(-0.2, 0.2), between(-0.5, 0.5), between(0.85, 1)];
  const eyes = between(0.3, 0.42);
  const size = Math.min(width, height) * 0.44;
  const ink = (distance: number): number => Math.min(1, Math.max(0, 0.5 - distance * size));
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i += 1) {
    // In radii of the head, from its center; y points down.
    const x = ((i % width) + 0.5 - width / 2) / size;
    const y = (Math.floor(i / width) + 0.5 - height / 2) / size;
    const head = ink(Math.hypot(x / roundness, y) - 1);
    const eye = ink(Math.hypot(Math.abs(x - look) - eyes, y + 0.25) - 0.15);
    // The mouth is a piece of a parabola that opens upwards in a good mood.
    const along = x - look;
    const curve = Math.abs(y - 0.42 - mood * (0.12 - along * along)) - 0.08;
    const mouth = ink(Math.max(curve, Math.abs(along) - 0.48));
    const dark = Math.max(eye, mouth);
    for (let channel = 0; channel < channels; channel += 1) {
      const back = wall[channel]! + head * (skin[channel]! - wall[channel]!);
      data[i * channels + channel] = back + dark * (40 - back);
    }
  }
  return { width, height, channels, data };
}
