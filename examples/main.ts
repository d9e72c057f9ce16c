import { existsSync, readdirSync } from 'node:fs';
import { runByName } from '../scripts/run-by-name.ts';

const folders = readdirSync(new URL('.', import.meta.url));
const files = new Map(
  folders.map((folder) => [folder, new URL(`${folder}/main.ts`, import.meta.url)] as const),
);
await runByName('npm run example --', new Map([...files].filter(([, file]) => existsSync(file))));
