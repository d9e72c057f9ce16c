import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Callback, DataFormatError, evaluateEvery, overfittingAlarm } from 'tfjs-gan';
import { featureExtractor } from 'tfjs-gan/metrics';
import { historyFile, type ReportOptions, runReport, sampleGrid, writeReport } from 'tfjs-gan/node';
import { axisTicks } from '../../../../src/io/axis-ticks.ts';
import type { ChartData } from '../../../../src/report/page/chart-readings.ts';
import { findChromium, launchChromium } from '../../../support/chromium.ts';
import { blobs, tinyDcgan } from '../../../support/tiny-gan.ts';
import { twoGenerators } from '../../../support/two-generators.ts';
import { sharedFolder } from '../../../support/temporary-folder.ts';

const at = sharedFolder();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const page = (folder: string): Promise<string> => readFile(join(folder, 'report.html'), 'utf8');

describe('runReport', () => {
  test('stands there from the beginning, and ends with what the run came to', async () => {
    const folder = at('whole');
    using gan = tinyDcgan();
    const seen: string[] = [];
    const look: Callback = { onStepEnd: async () => void seen.push(await page(folder)) };
    const report = runReport(folder, { settings: { note: 'first try', none: undefined } });
    await gan.trainer.fit(blobs(), {
      steps: 4,
      batchSize: 8,
      callbacks: [sampleGrid(join(folder, 'samples'), { every: { steps: 2 } }), report, look],
    });
    expect(report.path).toBe(join(folder, 'report.html'));
    expect(seen[0]).toContain('Training begins.');
    const html = await page(folder);
    expect(html).toContain('All steps are finished. No warnings.');
    for (const said of ['first try', 'step 4', 'batchSize', 'Started']) {
      expect(html).toContain(said);
    }
    expect(html.match(/"url":/g)).toHaveLength(3);
    expect(html).not.toContain('>none<');
  });

  test('is written as often as every says', async () => {
    const folder = at('every');
    using gan = tinyDcgan();
    const seen: string[] = [];
    const look: Callback = { onStepEnd: async () => void seen.push(await page(folder)) };
    const callbacks = [runReport(folder, { every: { steps: 2 } }), look];
    await gan.trainer.fit(blobs(), { steps: 5, batchSize: 8, callbacks });
    expect(seen.slice(1).map((html, i) => html !== seen[i])).toEqual([true, false, true, false]);
  });

  test('says what a run failed of', async () => {
    const folder = at('failed');
    using gan = tinyDcgan();
    const failing: Callback = {
      onStepEnd: ({ number }) => {
        if (number === 2) throw new Error('the disk <is> full');
      },
    };
    const run = gan.trainer.fit(blobs(), {
      steps: 4,
      batchSize: 8,
      callbacks: [failing, runReport(folder)],
    });
    await expect(run).rejects.toThrow('full');
    expect(await page(folder)).toContain('the disk &lt;is&gt; full');
  });

  test('continues in the same page if the run continues', async () => {
    const folder = at('resumed');
    {
      using gan = tinyDcgan();
      const report = runReport(folder);
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      const callbacks: Callback[] = [
        {
          onStepEnd: ({ number }) => {
            if (number === 2) report.warn({ step: 2, message: 'too dark' });
          },
        },
        report,
      ];
      await gan.trainer.fit(blobs(), { steps: 3, batchSize: 8, callbacks });
      expect(warn).toHaveBeenCalledWith('tfjs-gan: at step 2 too dark');
      warn.mockRestore();
      const snapshot = await gan.trainer.snapshot();
      using again = tinyDcgan();
      await again.trainer.restore(snapshot);
      await again.trainer.fit(blobs(), { steps: 2, batchSize: 8, callbacks: [runReport(folder)] });
    }
    const html = await page(folder);
    expect(html).toContain('Step 2: too dark.');
    expect(html).toContain('Continued from step 3');
    expect(html.match(/scope="row">Started</g)).toHaveLength(1);
  });

  test('shows what other callbacks measure, in a run and afterwards', async () => {
    const folder = at('measured');
    using gan = tinyDcgan();
    const callbacks = [
      overfittingAlarm(blobs(), { every: { steps: 1 }, samples: 8 }),
      historyFile(join(folder, 'history.jsonl')),
      runReport(folder),
    ];
    await gan.trainer.fit(blobs(), { steps: 2, batchSize: 8, callbacks });
    expect(await page(folder)).toContain('Classified correctly, without dropout');
    await rm(join(folder, 'report.html'));
    expect(await writeReport(folder, { title: 'afterwards' })).toBe(join(folder, 'report.html'));
    expect(await page(folder)).toContain('Classified correctly, without dropout');
    expect(await page(folder)).toContain('<h1>afterwards</h1>');
  });
});

describe('writeReport', () => {
  test('reads a file of more steps than a report keeps, whatever the pieces it comes in', async () => {
    const folder = at('long');
    using gan = tinyDcgan();
    const path = join(folder, 'history.jsonl');
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [historyFile(path)] });
    const first = (await readFile(path, 'utf8')).trimEnd();
    const seconds = /"seconds":[\d.e-]+/.exec(first)![0];
    const lines = Array.from({ length: 21_600 }, (_, i) =>
      first.replace('"number":1,', `"number":${i + 1},`).replace(seconds, '"seconds":0.5'),
    );
    await writeFile(path, `${lines.join('\n')}\n{"number":3,"ep`);
    await writeReport(folder);
    const html = await page(folder);
    expect(html).toContain('21,600');
    // Of all steps, though not all are kept.
    expect(html).toContain('<dt>Time trained</dt><dd>3 h 00 min');
    expect(html).not.toContain('Of all steps');
  });

  test('names the line that is no step, and the file that is missing', async () => {
    const folder = at('broken');
    await mkdir(folder);
    await expect(writeReport(folder)).rejects.toThrow('must be a readable history file');
    await writeFile(join(folder, 'history.jsonl'), '{"number":1}\n');
    await expect(writeReport(folder)).rejects.toThrow(DataFormatError);
    await expect(writeReport(folder)).rejects.toThrow("line 1 of '");
  });
});

describe('writeReport of several folders', () => {
  const trained = async (name: string, options: ReportOptions, seed: number): Promise<string> => {
    const folder = at(`several/${name}`);
    using gan = tinyDcgan({ seed });
    const features = featureExtractor((images) => tf.mean(images, [2, 3]), {
      name: 'means of rows',
      inputShape: gan.generator.outputShape,
    });
    const judge = evaluateEvery({ steps: 2 }, { features, samples: 16, seeds: 2 });
    const callbacks = [
      judge,
      historyFile(join(folder, 'history.jsonl')),
      sampleGrid(join(folder, 'samples'), { every: { steps: 2 } }),
      runReport(folder, { evaluations: judge, ...options }),
    ];
    await gan.trainer.fit(blobs(), { steps: 4, batchSize: 8, callbacks });
    return folder;
  };

  test('writes one page with what each came to, their curves, samples and differences', async () => {
    const evil = '<img src=x onerror="alert(1)">';
    const folders = [
      await trained('a', { title: evil }, 1),
      await trained('b', { settings: { note: evil } }, 2),
    ];
    const path = await writeReport(folders);
    expect(resolve(path)).toBe(at('several/comparison.html'));
    const html = await readFile(path, 'utf8');
    const visible = html.replace(/<(script|style)\b.*?<\/\1>/gs, '');
    expect(visible).not.toContain('<img src=x');
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(visible).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
    expect(visible.match(/<th scope="row"><i class="swatch"/g)).toHaveLength(2);
    expect(visible.match(/<td>Finished<\/td><td>4<\/td>/g)).toHaveLength(2);
    expect(visible).toMatch(/<td class="best">[^<]+<small>step \d<\/small>/);
    for (const title of ['Fréchet distance', 'Loss of the generator', 'Accuracy on real samples']) {
      const chart = new RegExp(`<h3>${title}</h3>.*?</figure>`, 's').exec(visible)![0];
      expect(chart.match(/<g data-curve/g)).toHaveLength(2);
    }
    // Both runs, and the data once.
    expect(visible.match(/<img src="data:image\/png/g)).toHaveLength(3);
    const differing = visible.slice(visible.indexOf('Settings that differ'));
    expect(differing).toMatch(/<th scope="row">seed<\/th><td>1<\/td><td>2<\/td>/);
    expect(differing).toMatch(/<th scope="row">note<\/th><td>–<\/td>/);
    expect(differing).not.toContain('batchSize');
  });

  test('tells runs of one name apart, takes a title and a path, and runs without a report', async () => {
    const [a, b] = [
      await trained('c', { title: 'same' }, 1),
      await trained('d', { title: 'same' }, 2),
    ];
    const wanted = at('elsewhere/page.html');
    expect(await writeReport([a, b], { title: 'Two seeds', path: wanted })).toBe(wanted);
    const html = await readFile(wanted, 'utf8');
    expect(html).toContain('<h1>Two seeds</h1>');
    expect(html).toContain('same (c)</th>');
    expect(html).toContain('same (d)</th>');
    await rm(join(a, 'report.html'));
    await writeReport([a], { path: wanted });
    expect(await readFile(wanted, 'utf8')).toContain('c</th><td>–</td><td>4</td>');
  });

  test('refuses no folders, one twice, options of a single run, and a folder without a history', async () => {
    await expect(writeReport([])).rejects.toThrow(
      'Cannot write the report: folders must be those of different runs, got []',
    );
    await expect(writeReport(['runs/a', 'runs/../runs/a'])).rejects.toThrow(
      'got one of them twice',
    );
    await expect(writeReport(['runs/a', ''])).rejects.toThrow("folder must name a folder, got ''");
    await expect(writeReport(['runs/a'], { resumeCommand: 'x' } as never)).rejects.toThrow(
      "got 'resumeCommand'",
    );
    await expect(writeReport([at('none')])).rejects.toThrow('historyFile writes one');
  });
});

describe.skipIf(findChromium() === undefined)('the page in Chromium', () => {
  test('shows pictures through time, hides a curve, reads values, and requests nothing', async () => {
    const folder = at('opened');
    using gan = tinyDcgan();
    const grids = sampleGrid(join(folder, 'samples'), { every: { steps: 1 } });
    const callbacks = [grids, runReport(folder)];
    await gan.trainer.fit(blobs(), { steps: 5, batchSize: 8, callbacks });

    const browser = await launchChromium();
    try {
      const opened = await browser.newPage({ viewport: { width: 390, height: 800 } });
      const wrong: string[] = [];
      opened.on('console', (message) => void wrong.push(message.text()));
      opened.on('pageerror', (error) => void wrong.push(error.message));
      opened.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) wrong.push(request.url());
      });
      await opened.goto(pathToFileURL(join(folder, 'report.html')).href);
      const slider = opened.locator('.samples input');
      const newest = await opened.locator('.samples img').first().getAttribute('src');
      await slider.focus();
      await opened.keyboard.press('Home');
      expect(await opened.locator('.samples output').textContent()).toBe('step 0');
      expect(await opened.locator('.samples img').first().getAttribute('src')).not.toBe(newest);

      const losses = opened.locator('[data-chart="0"]');
      await losses.locator('svg').focus();
      await opened.keyboard.press('Home');
      expect(await losses.locator('output').textContent()).toMatch(
        /^step 1discriminator .*generator/,
      );
      const ticks = (): Promise<string[]> => losses.locator('.ticks text').allTextContents();
      const asDrawn = await ticks();
      await losses.locator('button').first().click();
      const text = await opened.locator('#report').textContent();
      const { charts } = JSON.parse(text!) as { charts: ChartData[] };
      const [, [low, high]] = charts[0]!.frames as [unknown, [number, number]];
      expect(await ticks()).toEqual(axisTicks(low, high, 4).map(({ label }) => label));
      // The curve that is left fills the chart.
      const [curve, grid] = await losses.locator('svg').evaluate((svg) => {
        const box = (part: string): DOMRect => svg.querySelector(part)!.getBoundingClientRect();
        return [box('g[data-curve="1"]'), box('.ticks')].map(({ top, bottom }) => ({
          top,
          bottom,
        }));
      });
      expect(curve!.top).toBeGreaterThan(grid!.top - 3);
      expect(curve!.bottom).toBeLessThan(grid!.bottom + 3);
      expect(curve!.bottom - curve!.top).toBeGreaterThan(0.2 * (grid!.bottom - grid!.top));
      const shown = await losses
        .locator('g[data-curve]')
        .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).display !== 'none'));
      expect(shown).toEqual([false, true]);
      await losses.locator('button').first().click();
      expect(await ticks()).toEqual(asDrawn);
      const width = await opened.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(390);
      const cut = await opened
        .locator('.scroll')
        .evaluateAll((cards) => cards.filter((card) => card.scrollWidth > card.clientWidth).length);
      expect(cut).toBe(0);
      expect(wrong).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  test('goes through the pictures of each generator by itself', async () => {
    const folder = at('two');
    const { trainer, dispose } = twoGenerators();
    const grids = sampleGrid(join(folder, 'samples'), { every: { steps: 1 }, count: 4 });
    const callbacks = [grids, runReport(folder)];
    await trainer.fit(blobs(), { steps: 2, batchSize: 8, callbacks });
    dispose();
    const browser = await launchChromium();
    try {
      const opened = await browser.newPage({ viewport: { width: 390, height: 800 } });
      await opened.goto(pathToFileURL(join(folder, 'report.html')).href);
      const figures = opened.locator('.samples');
      const said = (): Promise<string[]> => figures.locator('output').allTextContents();
      expect(await said()).toEqual(['step 2', 'step 2']);
      await figures.nth(1).locator('input').focus();
      await opened.keyboard.press('Home');
      expect(await said()).toEqual(['step 2', 'step 0']);
      const alternatives = await figures
        .locator('img')
        .evaluateAll((pictures) => pictures.map((picture) => picture.getAttribute('alt')));
      expect(alternatives).toEqual([
        'Samples of day after step 2',
        'Samples of night after step 0',
      ]);
      const width = await opened.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(390);
    } finally {
      await browser.close();
    }
  });
});
