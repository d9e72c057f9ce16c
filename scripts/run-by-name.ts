import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs the program that the command line names, in this process; lists all of them if it names none.
 *
 * Programs are the files whose header has their own command. What the list says of them is the first line of the header,
 * as far as it is a sentence.
 *
 * @param command - What starts a program by its name: `npm run bench --`.
 * @param files - By name.
 */
export async function runByName(command: string, files: ReadonlyMap<string, URL>): Promise<void> {
  const programs = new Map<string, { readonly file: URL; readonly about: string }>();
  for (const [name, file] of files) {
    const text = readFileSync(file, 'utf8');
    const [, about] = /^(?:\/\/ What you learn:|\/\*\*\n \*) (.+)[.:](?: |$)/m.exec(text) ?? [];
    if (about !== undefined && text.includes(`${command} ${name}`)) {
      programs.set(name, { file, about });
    }
  }
  const name = process.argv[2];
  const program = programs.get(name ?? '');
  if (program !== undefined) {
    // As if its file had been started: some start it again, with other words.
    process.argv.splice(1, 2, fileURLToPath(program.file));
    await import(program.file.href);
    return;
  }
  console.log(`${command} <name> [options]\n`);
  for (const [known, { about }] of programs) console.log(`${known.padEnd(20)} ${about}`);
  if (name === undefined) return;
  console.error(`\nCannot run '${name}': it must be one of these names`);
  process.exitCode = 2;
}
