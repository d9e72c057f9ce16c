import { mkdir } from 'node:fs/promises';
import { type Flags, readSettings, seed, type SettingsOf, text } from './flags.ts';
import { runExample } from './run-example.ts';

/** What a lesson is told: its own settings, and those that every lesson has. */
export type LessonSettings<T extends Flags> = SettingsOf<T> & {
  readonly seed: number;
  readonly out: string;
};

/**
 * Runs the lesson of a folder: reads its flags, makes the folder for what it makes, and hands its settings to `teach`.
 *
 * @param name - Of the example's folder; `npm run example -- <name>` starts it.
 * @param flags - The lesson's own settings; `--seed` and `--out` are there in any case.
 * @param quick - What `--quick` sets, so that the lesson takes seconds.
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
      out: text(`runs/${name}`, 'folder for what is made'),
    };
    const help = 'shows in seconds that everything works; little or nothing is learned';
    const settings = quick as Partial<SettingsOf<typeof every>>;
    const asked = readSettings(`npm run example -- ${name} [flags]`, every, {
      quick: { help, settings },
    });
    if (asked === undefined) return 0;
    const chosen = asked.settings as LessonSettings<T>;
    // First of all: what cannot write should say so before it trains.
    await mkdir(chosen.out, { recursive: true });
    await teach(chosen);
    return 0;
  });
}
