/**
 * Writes `tfjs-gan.schema.json`, the JSON schema of `tfjs-gan.json`, from the flags of `npx tfjs-gan train`. Editors find it by
 * `"$schema": "./node_modules/tfjs-gan/tfjs-gan.schema.json"`. `npx tsx scripts/config-schema.ts` runs it; a test compares.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { train } from '../src/cli/commands/train.ts';
import type { Flag } from '../src/cli/flags.ts';

/** Flags that only a command line has. */
const others: readonly string[] = ['overwrite', 'dryRun', 'config'];

/** The schema, as its file has it. */
export function configSchema(): object {
  const flags = Object.entries(train.flags).filter(([name]) => !others.includes(name));
  const data = { type: 'string', description: 'a folder of pictures, a file, or mnist' };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of npx tfjs-gan train',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      data,
      ...Object.fromEntries(flags.map(([name, flag]) => [name, property(flag)])),
    },
    additionalProperties: false,
  };
}

function property({ schema, help, value }: Flag<unknown>): object {
  return { ...schema, description: help, ...(value === undefined ? {} : { default: value }) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../tfjs-gan.schema.json', import.meta.url));
  await writeFile(file, `${JSON.stringify(configSchema(), undefined, 2)}\n`);
}
