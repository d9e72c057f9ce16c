import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import config from '../../examples/browser-demo/vite.config.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { repositoryPath } from '../support/public-api.ts';
import { type ServedFolder, serveFolder } from '../support/serve-folder.ts';

/** A canvas, as its pixels. */
async function pixelsOf(page: Page, id: string): Promise<string> {
  return page.locator(`#${id}`).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
}

async function stepOf(page: Page): Promise<number> {
  return Number(await page.locator('#step').textContent());
}

/** Waits until a number of steps is made. */
async function reach(page: Page, step: number): Promise<void> {
  await expect.poll(async () => stepOf(page), { timeout: 120_000 }).toBeGreaterThanOrEqual(step);
}

async function stateOf(page: Page): Promise<string> {
  return (await page.locator('#state').textContent()) ?? '';
}

const chromium = findChromium();
if (chromium === undefined) {
  console.warn('The demo is not tested: no Chromium is in PATH, and CHROMIUM_PATH names none');
}

describe.skipIf(chromium === undefined)('the page of examples/browser-demo', () => {
  const folder = join(tmpdir(), `tfjs-gan-demo-${process.pid}`);
  let served: ServedFolder;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];
  let requested: string[] = [];

  beforeAll(async () => {
    // As a program of its own: Vite takes what is built under a test for a page in development.
    await promisify(execFile)(
      process.execPath,
      [
        ...[repositoryPath('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'],
        ...['--config', repositoryPath('examples/browser-demo/vite.config.ts')],
        ...['--outDir', folder, '--minify', 'false'],
      ],
      { env: { ...process.env, NODE_ENV: 'production' } },
    );
    served = await serveFolder(folder, config.preview?.headers as Record<string, string>);
    browser = await launchChromium();
    context = await browser.newContext({ acceptDownloads: true });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    context.on('request', (request) => requested.push(request.url()));
    await page.goto(served.address);
  });

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('names every control and can be worked by keyboard', async () => {
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    for (const control of await page.locator('button, select, input:not([hidden])').all()) {
      const name = await control.evaluate((element) => {
        const { labels } = element as HTMLInputElement;
        return (
          element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent
        );
      });
      expect(name?.trim()).not.toBe('');
    }
    await page.selectOption('#backend', 'webgl');
    await page.locator('#backend').focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('primary');
    await page.keyboard.press('Enter');
    await expect.poll(async () => stateOf(page), { timeout: 120_000 }).toBe('Training.');
  });

  test('shows on what it computes, and why not on what was chosen', async () => {
    expect(await page.locator('#backend-name').textContent()).toBe('wasm-train');
    expect(await page.locator('#backend-detail').textContent()).toMatch(
      /^: WebAssembly .*SIMD, \d+ threads?/,
    );
    expect(await page.locator('#refused').textContent()).toMatch(/^Not webgl: /);
    const refusal = page.getByRole('alert');
    expect(await refusal.textContent()).toMatch(
      /^This browser cannot train on webgl: .+\. It trains on wasm-train instead\.$/,
    );
  });

  test('trains and shows it', async () => {
    const before = await pixelsOf(page, 'samples');
    await reach(page, 30);
    expect(await pixelsOf(page, 'samples')).not.toBe(before);
    expect(await page.locator('#losses .u-legend').textContent()).toContain('generator');
  });

  test('shows real digits beside, of the requested class', async () => {
    const every = await pixelsOf(page, 'real');
    const sides = await page
      .locator('#samples, #real')
      .evaluateAll((canvases) => canvases.map((canvas) => (canvas as HTMLCanvasElement).width));
    expect(sides[1]).toBe(sides[0]);
    await page.getByRole('radio', { name: '7' }).check();
    await expect.poll(async () => pixelsOf(page, 'real')).not.toBe(every);
    await page.getByRole('radio', { name: 'all' }).check();
    await expect.poll(async () => pixelsOf(page, 'real')).toBe(every);
  });

  test('leaves the training and its controls as they are if a file is no model', async () => {
    const controls = async (): Promise<unknown> =>
      page
        .locator('button')
        .evaluateAll((buttons) =>
          (buttons as HTMLButtonElement[]).map((button) => [button.textContent, button.disabled]),
        );
    const before = await controls();
    const step = await stepOf(page);
    const buffer = Buffer.from('not a model');
    await page.locator('#file').setInputFiles({ name: 'notes.safetensors', mimeType: '', buffer });
    await expect.poll(async () => stateOf(page)).toMatch(/^Cannot read notes\.safetensors: /);
    expect(await controls()).toEqual(before);
    await reach(page, step + 2);
  });

  test('pauses, and a slider then moves its sample', async () => {
    await page.click('#primary');
    await expect
      .poll(async () => stateOf(page), { timeout: 120_000 })
      .toMatch(/^Paused after step \d+\.$/);
    const step = await stepOf(page);
    const samples = await pixelsOf(page, 'samples');
    const one = await pixelsOf(page, 'one');
    const ends = async (): Promise<string[]> =>
      page
        .locator('.thumbnail')
        .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
    // Two of each slider, all of them different.
    await expect.poll(async () => new Set(await ends()).size, { timeout: 120_000 }).toBe(16);
    await page.locator('#latent-1').focus();
    for (let press = 0; press < 12; press += 1) await page.keyboard.press('ArrowRight');
    await expect.poll(async () => pixelsOf(page, 'one'), { timeout: 120_000 }).not.toBe(one);
    expect(await stepOf(page)).toBe(step);
    expect(await pixelsOf(page, 'samples')).toBe(samples);
  });

  test('shows the requested class, by mouse and by keyboard, also on a narrow screen', async () => {
    const step = await stepOf(page);
    const every = await pixelsOf(page, 'samples');
    const radios = page.getByRole('radio');
    const names = ['all', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    expect(await page.locator('#classes label').allTextContents()).toEqual(names);
    const shown = async (): Promise<string> => pixelsOf(page, 'samples');
    await page.getByRole('radio', { name: '3' }).check();
    await expect.poll(shown, { timeout: 120_000 }).not.toBe(every);
    const threes = await shown();
    await page.keyboard.press('ArrowRight');
    expect(await radios.nth(5).isChecked()).toBe(true);
    await expect.poll(shown, { timeout: 120_000 }).not.toBe(threes);
    await page.getByRole('radio', { name: 'all' }).check();
    await expect.poll(shown, { timeout: 120_000 }).toBe(every);
    expect(await stepOf(page)).toBe(step);

    const size = page.viewportSize()!;
    await page.setViewportSize({ width: 400, height: 800 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(400);
    await page.setViewportSize(size);
  });

  test('colors a drawing in its second tab, and leaves the training as it is', async () => {
    const state = await stateOf(page);
    await page.locator('#tab-train').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-translate');
    expect(await page.locator('#train').isVisible()).toBe(false);
    const drawings = page.locator('#drawings button');
    await expect.poll(async () => drawings.count(), { timeout: 120_000 }).toBe(8);
    const took = page.locator('#took');
    await expect
      .poll(async () => took.textContent(), { timeout: 120_000 })
      .toMatch(/^\d+ ms on wasm-train$/);
    const colored = async (): Promise<string> => pixelsOf(page, 'colored');
    const ofFirst = await colored();
    await page.getByRole('button', { name: 'lemon' }).click();
    await expect.poll(colored, { timeout: 120_000 }).not.toBe(ofFirst);
    const ofLemon = await colored();
    const isColor = await page.locator('#colored').evaluate((canvas) => {
      const brush = (canvas as HTMLCanvasElement).getContext('2d')!;
      const { data } = brush.getImageData(16, 16, 1, 1);
      return data[0]! > data[2]! + 100;
    });
    expect(isColor, 'a lemon is yellow in its middle').toBe(true);

    const drawing = page.locator('#drawing');
    await drawing.evaluate((canvas) => canvas.scrollIntoView());
    const { x, y, width, height } = (await drawing.boundingBox())!;
    await page.mouse.move(x + 0.2 * width, y + 0.2 * height);
    await page.mouse.down();
    await page.mouse.move(x + 0.8 * width, y + 0.8 * height, { steps: 4 });
    await page.mouse.up();
    await expect.poll(colored, { timeout: 120_000 }).not.toBe(ofLemon);
    await page.click('#undo');
    await expect.poll(colored, { timeout: 120_000 }).toBe(ofLemon);
    await page.mouse.click(x + 0.5 * width, y + 0.5 * height);
    // A click draws a dot.
    await expect.poll(colored, { timeout: 120_000 }).not.toBe(ofLemon);
    await page.click('#clear');
    await expect.poll(colored, { timeout: 120_000 }).not.toBe(ofLemon);
    expect(await page.locator('#clear').isDisabled()).toBe(true);
    await page.click('#tab-train');
    expect(await stateOf(page)).toBe(state);
    expect(await page.locator('#samples').isVisible()).toBe(true);
  });

  test('opens its second tab by address, and draws under a finger on a narrow screen', async () => {
    const phone = await browser.newContext({
      hasTouch: true,
      viewport: { width: 400, height: 800 },
    });
    const small = await phone.newPage();
    await small.goto(`${served.address}#translate`);
    const drawings = small.locator('#drawings button');
    await expect.poll(async () => drawings.count(), { timeout: 120_000 }).toBe(8);
    const before = await pixelsOf(small, 'drawing');
    await small.locator('#drawing').tap();
    await expect
      .poll(async () => pixelsOf(small, 'drawing'), { timeout: 120_000 })
      .not.toBe(before);
    const width = await small.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(400);
    await phone.close();
  });

  test('ships a translator of at most a megabyte, with the license of its art', async () => {
    const files = ['model.json', 'weights.bin', 'drawings.png', 'LICENSE.txt'];
    const sizes = files.map((name) => statSync(join(folder, 'translator', name)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(1_000_000);
    const license = await readFile(join(folder, 'translator/LICENSE.txt'), 'utf8');
    expect(license).toMatch(/OpenMoji.*CC BY-SA 4\.0/s);
  });

  describe('its third tab', () => {
    /** 60 people; a note is free text. */
    const people = [
      'size,age,note',
      ...Array.from(
        { length: 60 },
        (_, i) =>
          `${i % 3 === 0 ? 'small' : 'large'},${20 + (i % 25)},what was said by number ${i}`,
      ),
    ].join('\n');
    let own: BrowserContext;
    let tab: Page;
    const asked: string[] = [];

    const said = async (): Promise<string> =>
      (await tab.locator('#table-state').textContent()) ?? '';
    const give = async (name: string, text: string): Promise<void> =>
      tab
        .locator('#table-file')
        .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    const kinds = async (): Promise<string[]> =>
      tab
        .locator('#found select')
        .evaluateAll((all) => all.map((select) => (select as HTMLSelectElement).value));
    /** What generated rows have in a column. */
    const made = async (column: number): Promise<string[]> =>
      tab.locator(`#made-rows td:nth-child(${column})`).allTextContents();

    /** How many entries of the tab the page's storage has, and the models in IndexedDB. */
    const keptHere = async (): Promise<{ readonly page: number; readonly models: unknown }> =>
      tab.evaluate(async () => {
        const opened = indexedDB.open('tensorflowjs');
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          opened.onsuccess = () => resolve(opened.result);
          opened.onerror = () => reject(opened.error!);
        });
        const keys = database.transaction('models_store').objectStore('models_store').getAllKeys();
        const models = await new Promise((resolve) => {
          keys.onsuccess = () => resolve(keys.result);
        });
        database.close();
        return {
          page: Object.keys(localStorage).filter((key) => key.includes('table')).length,
          models,
        };
      });

    beforeAll(async () => {
      own = await browser.newContext({ acceptDownloads: true });
      own.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
      tab = await own.newPage();
      tab.on('pageerror', (error) => faults.push(error.message));
      await tab.goto(`${served.address}#tables`);
    });

    afterAll(async () => own?.close());

    test('shows the kinds of columns of the penguins that come with it', async () => {
      await tab.click('#penguins');
      await expect.poll(said, { timeout: 120_000 }).toBe('penguins.csv: 344 rows, 7 columns.');
      const found = ['category', 'category', 'real', 'real', 'integer', 'integer', 'category'];
      expect(await kinds()).toEqual(found);
      expect(await tab.locator('#tables').textContent()).toContain('CC0 1.0');
    });

    test('says what is wrong with a file, and leaves the table before it open', async () => {
      await give('bad.csv', 'a,b\n1,2\n3\n');
      await expect
        .poll(said, { timeout: 120_000 })
        .toBe(
          'Cannot read the table: each row must have the 2 fields of the header, got 1 in row 2 (line 3)',
        );
      expect((await kinds()).length).toBe(7);
      expect(await tab.locator('#learn').isEnabled()).toBe(true);
    });

    test('leaves free text out, and takes kinds that fit', async () => {
      await give('people.csv', people);
      await expect.poll(said, { timeout: 120_000 }).toBe('people.csv: 60 rows, 3 columns.');
      expect(await kinds()).toEqual(['category', 'integer', 'ignore']);
      expect(await tab.locator('#found small').textContent()).toBe('free text cannot be learned');
      await tab.getByLabel('Kind of size').selectOption('integer');
      await expect.poll(said, { timeout: 120_000 }).toMatch(/^Cannot read the table: .*size/);
      expect(await kinds()).toEqual(['category', 'integer', 'ignore']);
      await tab.getByLabel('Kind of age').selectOption('real');
      await expect.poll(said, { timeout: 120_000 }).toBe('people.csv: 60 rows, 3 columns.');
      expect(await kinds()).toEqual(['category', 'real', 'ignore']);
    });

    test('trains in a worker, and shows generated rows beside real ones', async () => {
      await tab.click('#learn');
      await tab.locator('#compared').waitFor({ timeout: 120_000 });
      expect(await tab.locator('#table-losses .u-legend').textContent()).toContain('generator');
      expect(await tab.locator('#histograms figure').count()).toBe(2);
      expect(await tab.locator('#shapes').textContent()).toMatch(/^\d+ %$/);
      await tab.click('#stop-learning');
      await expect.poll(said, { timeout: 120_000 }).toMatch(/^Stopped after step \d+\./);
      await expect.poll(async () => made(1), { timeout: 120_000 }).toHaveLength(8);
      const real = await tab.locator('#real-rows td:first-child').allTextContents();
      expect(real.slice(0, 4)).toEqual(['small', 'large', 'large', 'small']);
    });

    test('generates rows of a requested value, and downloads them', async () => {
      await tab.selectOption('#where-column', 'size');
      await tab.selectOption('#where-value', { label: 'small' });
      const eight = Array.from({ length: 8 }, () => 'small');
      await expect.poll(async () => made(1), { timeout: 120_000 }).toEqual(eight);
      expect(await tab.locator('#rows-state').textContent()).toMatch(/^\d+ % of the rows /);
      const ages = await made(2);
      await tab.click('#other-rows');
      await expect.poll(async () => made(2), { timeout: 120_000 }).not.toEqual(ages);
      await tab.fill('#row-count', '50');
      const [file] = await Promise.all([
        tab.waitForEvent('download'),
        tab.click('#download-table'),
      ]);
      const lines = (await readFile(await file.path(), 'utf8')).trim().split(/\r?\n/);
      expect(lines[0]).toBe('size,age');
      expect(lines).toHaveLength(51);
      expect(lines.slice(1).every((line) => line.startsWith('small,'))).toBe(true);
    });

    test('generates rows after a reload, also on a narrow screen, until it is to forget', async () => {
      const shapes = await tab.locator('#shapes').textContent();
      expect(await keptHere()).toEqual({ page: 1, models: ['tfjs-gan browser-demo table'] });
      await tab.setViewportSize({ width: 400, height: 800 });
      await tab.reload();
      await expect.poll(async () => made(1), { timeout: 120_000 }).toHaveLength(8);
      expect(await said()).toMatch(
        /^This browser keeps a generator of people\.csv, after \d+ steps/,
      );
      expect(await tab.locator('#shapes').textContent()).toBe(shapes);
      const width = await tab.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(400);
      await tab.click('#forget');
      await expect.poll(said, { timeout: 120_000 }).toMatch(/^Forgotten/);
      await tab.reload();
      await tab.locator('#penguins:enabled').waitFor({ timeout: 120_000 });
      expect(await said()).toBe('No table is open.');
      expect(await tab.locator('#made').isVisible()).toBe(false);
      expect(await keptHere()).toEqual({ page: 0, models: [] });
    });

    test('sends nothing', () => {
      const sent = asked.filter(
        (request) => !/^GET (http:\/\/127\.0\.0\.1|blob:|data:)/.test(request),
      );
      expect(sent).toEqual([]);
    });
  });

  test('saves its model, and opens it again in a page without a network', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    const step = await stepOf(page);
    expect(download.suggestedFilename()).toBe(`digits-step-${step}.safetensors`);
    const file = await download.path();
    expect((await readFile(file)).length).toBeGreaterThan(500_000);
    const samples = await pixelsOf(page, 'samples');

    await expect
      .poll(async () => page.locator('#offline').textContent(), { timeout: 120_000 })
      .toBe('This page now works without a network.');
    await served.close();
    await context.setOffline(true);
    requested = [];
    await page.reload();
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    await page.locator('#file').setInputFiles(file);
    await expect
      .poll(async () => stateOf(page), { timeout: 120_000 })
      .toMatch(new RegExp(`^Opened digits at step ${step}\\.$`));
    await expect.poll(async () => pixelsOf(page, 'samples'), { timeout: 120_000 }).toBe(samples);
    expect(await stepOf(page)).toBe(step);

    await page.click('#primary');
    await reach(page, step + 2);
    await page.click('#stop');
    await expect
      .poll(async () => stateOf(page), { timeout: 120_000 })
      .toMatch(/^Stopped after step/);
    // Continues from there, and after the page was closed.
    const stopped = await stepOf(page);
    await page.click('#primary');
    await reach(page, stopped + 1);
    await page.click('#stop');
    await expect.poll(async () => stateOf(page), { timeout: 120_000 }).toMatch(/^Stopped after/);
    const last = await stepOf(page);
    await page.reload();
    expect(await stateOf(page)).toBe(
      'This browser keeps a run on digits. Continue it, or start anew.',
    );
    expect(await page.locator('#primary').textContent()).toBe('Continue');
    await page.click('#primary');
    await expect.poll(async () => stateOf(page), { timeout: 120_000 }).toBe('Training.');
    expect(await stepOf(page)).toBeGreaterThanOrEqual(last);
    await reach(page, last + 1);
    await page.click('#stop');
    await expect.poll(async () => stateOf(page), { timeout: 120_000 }).toMatch(/^Stopped after/);
    const elsewhere = requested.filter((url) => !/^(http:\/\/127\.0\.0\.1|blob:|data:)/.test(url));
    expect(elsewhere).toEqual([]);
  });

  test('starts anew with another loss, and with the penalty that the loss needs', async () => {
    await page.selectOption('#data', 'shapes');
    await page.selectOption('#loss', 'wasserstein');
    expect(await page.locator('#penalty').inputValue()).toBe('gradient');
    await page.click('#fresh');
    await expect.poll(async () => stateOf(page), { timeout: 120_000 }).toBe('Training.');
    await reach(page, 1);
    const kept = await page.evaluate(() => localStorage.getItem('tfjs-gan browser-demo'));
    expect(JSON.parse(kept!)).toMatchObject({ data: 'shapes', loss: 'wasserstein', penalty: 'gradient' }); // prettier-ignore
    await page.click('#stop');
    await expect.poll(async () => stateOf(page), { timeout: 120_000 }).toMatch(/^Stopped after/);
  });

  test('reports no fault of its own', () => {
    expect(faults).toEqual([]);
  });
});
