import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { runByName } from '../scripts/run-by-name.ts';

const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.ts'));
await runByName(
  'npm run bench --',
  new Map(files.map((file) => [basename(file, '.ts'), new URL(file, import.meta.url)])),
);
