import { mkdir } from 'node:fs/promises';
import { type Flags, readSettings, seed, type SettingsOf, text } from './flags.ts';
import { runExample } from './run-example.ts';

/** The settings of a lesson: its own, and those that every lesson has. */
export type LessonSettings<T extends Flags> = SettingsOf<T> & {
  readonly seed: number;
  readonly out: string;
};

/**
 * Runs the lesson of a folder: parses its flags, creates its output folder, and passes its settings
 * to `teach`.
 *
 * @param name - The name of the example's folder; `npm run example -- <name>` starts it.
 * @param flags - The lesson's own settings; every lesson also has `--seed` and `--out`.
 * @param quick - The settings of `--quick`, under which the lesson takes seconds.
 */
export async function lesson<T extends Flags>(
  name: string,
  flags: T,
  quick: Partial<SettingsOf<T>>,
  teach: (settings: LessonSettings<T>) => Promise<void>,
): Promise<void> {
  await runExample(async () => {
    const every = {
      ...flags,
      seed: seed(42, 'the same seed repeats a run'),
      out: text(`runs/${name}`, 'output folder'),
    };
    const help = 'checks in seconds that everything works; the networks learn little or nothing';
    const settings = quick as Partial<SettingsOf<typeof every>>;
    const parsed = readSettings(`npm run example -- ${name} [flags]`, every, {
      quick: { help, settings },
    });
    if (parsed === undefined) return 0;
    const chosen = parsed.settings as LessonSettings<T>;
    // Done first: an example that cannot write should fail before it trains.
    await mkdir(chosen.out, { recursive: true });
    await teach(chosen);
    return 0;
  });
}
