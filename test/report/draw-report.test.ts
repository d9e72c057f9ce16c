import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createDcgan, type StepInfo } from 'tfjs-gan';
import { encodePng } from '../../src/io/png.ts';
import { curveColors } from '../../src/report/curve-colors.ts';
import { drawReport, readReportMemory } from '../../src/report/draw-report.ts';
import { metricWords } from '../../src/report/metric-words.ts';
import { outlineNetworks } from '../../src/report/network-outline.ts';
import { historyWarnings } from '../../src/report/page/history-warnings.ts';
import { pageScript, pageScriptHash } from '../../src/report/page/page-script.ts';
import { plusMinus } from '../../src/report/page/words.ts';
import type { ReportData } from '../../src/report/report-data.ts';
import '../support/on-cpu.ts';

function step(number: number, changed: Partial<StepInfo> = {}): StepInfo {
  const both = (value: number): StepInfo['losses'] => ({ discriminator: value, generator: value });
  return {
    number,
    epoch: 1,
    stepInEpoch: number,
    samples: 64,
    losses: both(1 / number),
    gradientNorms: both(1),
    terms: { discriminator: { bce: 1 }, generator: { bce: 1 } },
    learningRates: both(2e-4),
    metrics: { 'accuracy/real': 0.7, 'accuracy/fake': 0.6 },
    constraintMetrics: { discriminator: {}, generator: {} },
    seconds: 0.1,
    partSeconds: {
      callbacks: 0.01,
      data: 0,
      read: 0.01,
      turns: { discriminator: 0.06, generator: 0.03 },
    },
    ...changed,
  };
}

function report(changed: Partial<ReportData> = {}): string {
  return drawReport({
    title: 'a run',
    state: 'finished',
    writtenAt: '2026-01-31T09:05:00.000Z',
    steps: [step(1), step(2), step(3)],
    logged: [],
    lastStep: 3,
    settings: { seed: 42 },
    sessions: [],
    pictures: [],
    evaluations: [],
    warnings: [],
    ...changed,
  });
}

/** What metrics said after a step. */
function evaluation(
  number: number,
  figures: ReportData['evaluations'][number]['figures'],
  changed: Partial<ReportData['evaluations'][number]> = {},
): ReportData['evaluations'][number] {
  const of = {
    samples: 100,
    realSamples: 90,
    seeds: [0, 1, 2],
    extractor: 'points',
    dataset: 'ring8',
  };
  return { step: number, figures, ...of, ...changed };
}

/** A figure over three seeds. */
const around = (
  mean: number,
  deviation: number,
): { mean: number; deviation: number; values: number[] } => ({
  mean,
  deviation,
  values: [mean - deviation, mean, mean + deviation],
});

/** The page without its machine-readable parts: what a reader can see. */
const visible = (html: string): string => html.replace(/<(script|style)\b.*?<\/\1>/gs, '');

describe('drawReport', () => {
  test('allows its own script and nothing else', () => {
    const hash = createHash('sha256').update(pageScript).digest('base64');
    expect(pageScriptHash).toBe(hash);
    expect(report()).toContain(`default-src 'none'; img-src data:; style-src 'unsafe-inline'`);
    expect(report()).not.toMatch(/(?:src|href)="(?!data:)/);
  });

  test.each([
    ['running', 'Training is at step 3 of 3'],
    ['finished', 'All steps are finished'],
    ['stopped', 'A callback or the program ended it at step 3 of 3'],
    ['aborted', 'by Ctrl-C, a time limit or another signal'],
    ['failed', 'The networks are in the state after that step'],
  ] as const)('says how a run stands that is %s', (state, words) => {
    expect(visible(report({ state }))).toContain(words);
  });

  test('says what a run failed of, and what to try', () => {
    const html = visible(report({ state: 'failed', error: 'the loss became NaN' }));
    expect(html).toContain('the loss became NaN');
    expect(html).toContain('lower the learning rate');
  });

  test('escapes whatever comes from outside', () => {
    const evil = '</script><script>alert(1)</script><b onclick="x">';
    const figure = { mean: 1, deviation: 0, values: [1] };
    const html = report({
      evaluations: [evaluation(1, { [evil]: figure }, { dataset: evil, extractor: evil })],
      floor: evaluation(1, { [evil]: figure }),
      networks: [
        {
          name: evil,
          trained: true,
          layers: [{ kind: evil, output: evil, weights: evil, count: 1 }],
        },
      ],
      title: evil,
      error: evil,
      state: 'failed',
      resumeCommand: evil,
      settings: { [evil]: evil },
      steps: [step(1, { terms: { discriminator: { [evil]: 1, b: 2 }, generator: { b: 1 } } })],
      logged: [{ step: 1, values: { [`x/${evil}`]: 1, [evil]: 2 } }],
      warnings: [{ step: 1, message: evil }],
      sessions: [{ startedAt: evil, fromStep: 0, environment: { [evil]: evil } }],
    });
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('<b onclick');
    // Two blocks of data and the page's own script.
    expect(html.match(/<script/g)).toHaveLength(3);
    expect(html.match(/<\/script/g)).toHaveLength(3);
    expect(readReportMemory(html)?.title).toBe(evil);
  });

  test('gives numbers that were logged a chart for each kind', () => {
    const values = { 'heldOut/accuracy/real': 0.9, 'heldOut/accuracy/heldOut': 0.5, sharpness: 3 };
    const html = visible(report({ logged: [{ step: 2, values }] }));
    expect(html).toContain('<h3>Classified correctly, without dropout</h3>');
    expect(html).toContain('aria-label="sharpness: sharpness from 3.00 to 3.00"');
  });

  test('warns of what the steps show, once', () => {
    const steps = Array.from({ length: 400 }, (_, i) =>
      step(i + 1, { gradientNorms: { discriminator: 1, generator: i < 100 ? 1 : 1e-9 } }),
    );
    const html = visible(report({ steps, lastStep: 400 }));
    expect(html.match(/<strong>A warning<\/strong>/g)).toHaveLength(1);
    const [, message] = /<li>Step [\d,]+: (.*?)\.<\/li>/.exec(html) ?? [];
    const told = report({ steps, warnings: [{ step: 150, message: message! }] });
    expect(visible(told).match(/<li>Step/g)).toHaveLength(1);
  });

  test('tells what was seen in steps that are gone, once, and remembers it', () => {
    const vanishing = Array.from({ length: 400 }, (_, i) =>
      step(i + 1, { gradientNorms: { discriminator: 1, generator: i < 100 ? 1 : 1e-9 } }),
    );
    const seen = historyWarnings(vanishing);
    const gone = report({ steps: vanishing.slice(0, 100), seen });
    expect(visible(gone)).toContain("<li>Step 300: the generator's gradient");
    expect(readReportMemory(gone)?.seen).toEqual(seen);
    // Seen again in the steps that are left, at another place.
    expect(historyWarnings(vanishing.slice(100), seen)).toEqual(seen);
  });

  test('says how long the run took when steps are left out', () => {
    expect(visible(report({ seconds: 7_200 }))).toContain('<dd>2 h 00 min');
    expect(visible(report())).toContain('Of all steps');
    expect(visible(report({ steps: [step(1), step(3)] }))).toContain('Of 2 steps');
  });

  test('shows what evaluations logged, if it was not given the evaluations', () => {
    const logged = [{ step: 2, values: { 'evaluation/frechet': 12.5 } }];
    expect(visible(report({ logged }))).toContain('frechet from 12.5 to 12.5');
  });

  test('tells the steps of a run of minutes as a plan until they are made', () => {
    const going = visible(report({ state: 'running', minutes: 9, lastStep: 3400 }));
    expect(going).toMatch(/Training is at step \d of about 3,400 planned\./);
    expect(going).toContain('of about 3,400 planned, epoch');
    // Of one requested minute, loading the data has taken some.
    const done = visible(report({ state: 'finished', minutes: 0.94, lastStep: 2 }));
    expect(done).toContain('All steps planned for the available time are finished.');
    expect(done).not.toContain('0.94');
    expect(done).not.toContain('about');
    expect(visible(report({ state: 'running', lastStep: 3400 }))).toContain('of 3,400, epoch');
  });

  test('stays small for a run of 100,000 steps, each with a number logged', () => {
    const steps = Array.from({ length: 100_000 }, (_, i) => step(i + 1));
    const logged = steps.map(({ number }) => ({ step: number, values: { 'a/b': number } }));
    expect(report({ steps, logged, lastStep: 100_000 }).length).toBeLessThan(450_000);
  });

  test('measures what never changes on an axis that can be read', () => {
    const steps = Array.from({ length: 400 }, (_, i) => step(i + 1));
    const labels = [...visible(report({ steps })).matchAll(/text-anchor="end">([^<]*)</g)];
    expect(Math.max(...labels.map(([, label]) => label!.length))).toBeLessThan(6);
  });

  test('draws a run that has made no step, and one of NaN alone', () => {
    expect(visible(report({ state: 'running', steps: [] }))).toContain('Training begins.');
    const steps = [step(1, { losses: { discriminator: NaN, generator: Infinity } })];
    expect(visible(report({ steps }))).toContain('no values yet');
  });
});

describe('metrics in a report', () => {
  const evaluations = [
    evaluation(10, {
      frechet: around(20.123, 0.3),
      'prdc.recall': around(0.4, 0.02),
      own: around(3, 1),
    }),
    evaluation(20, {
      frechet: around(15.634, 0.21),
      'prdc.recall': around(0.5, 0.02),
      own: around(2, 1),
    }),
    evaluation(30, {
      frechet: around(17.05, 0.149),
      'prdc.recall': around(0.3, 0.02),
      own: around(4, 1),
    }),
  ];

  /** The cells of the rows of a table, as text. */
  const rows = (html: string): string[][] =>
    [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
      [...row!.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell]) =>
        cell!
          .replace(/<[^>]*>/g, ' ')
          .replace(/ +/g, ' ')
          .trim(),
      ),
    );

  test('are in words, with their deviation and which way is better, the best row marked', () => {
    const html = visible(report({ evaluations }));
    const table = rows(/<table class="metrics">.*?<\/table>/s.exec(html)![0]);
    expect(table).toEqual([
      ['Step', 'Fréchet distance lower is better', 'Recall higher is better', 'own', 'Samples'],
      ['30', '17.05 ± 0.15', '0.30 ± 0.02', '4.0 ± 1.0', '100 × 3'],
      ['20 best', '15.6 ± 0.2', '0.50 ± 0.02', '2.0 ± 1.0', '100 × 3'],
      ['10', '20.1 ± 0.3', '0.40 ± 0.02', '3.0 ± 1.0', '100 × 3'],
    ]);
    expect(html.match(/<tr class="best">/g)).toHaveLength(1);
    expect(html.match(/<td class="best">/g)).toHaveLength(2);
    expect(html).toContain('<dd>17.05 ± 0.15<small>lower is better, step 30</small>');
    expect(html).toContain('Compared with 90 samples of ring8, by the features of points.');
  });

  test('show the floor of real data in the table and as a dashed line, also after writing anew', () => {
    const floor = evaluation(0, { frechet: around(1.25, 0.04) });
    const html = report({ evaluations, floor });
    expect(visible(html)).toMatch(/<tr class="floor"><td>Real data<\/td><td>1.25 ± 0.04<\/td>/);
    const chart = /<h3>Fréchet distance<\/h3>.*?<\/figure>/s.exec(visible(html))![0];
    expect(chart).toContain('real data</button>');
    expect(chart).toContain('class="dashed"');
    expect(chart).toContain('real data from 1.25 to 1.25');
    expect(readReportMemory(html)?.floor).toEqual(floor);
  });

  test('mark nothing if all are alike, or there is one, and keep the best one of many in the table', () => {
    const alike = [1, 2, 3].map((number) => evaluation(number, { frechet: around(5, 0) }));
    for (const some of [alike, alike.slice(1, 2)]) {
      expect(visible(report({ evaluations: some }))).not.toContain('class="best"');
    }
    const many = Array.from({ length: 40 }, (_, i) =>
      evaluation(i + 1, { frechet: around(i === 3 ? 1 : 5 + i, 0) }),
    );
    const html = visible(report({ evaluations: many }));
    expect(html).toContain('<td>4 <span class="mark">best</span></td>');
    expect(html).toContain('19 earlier ones are in the charts');
  });

  test.each([
    [15.634, 0.21, '15.6 ± 0.2'],
    [15.634, 0.149, '15.63 ± 0.15'],
    [1234.5, 210, '1,200 ± 200'],
    [0.98765, 0.00123, '0.9877 ± 0.0012'],
    [-3.21, 0.96, '−3.21 ± 0.96'],
    [12, 0, '12'],
    [NaN, 1, 'NaN'],
    [2e9, 1e7, '2.00e9 ± 1.00e7'],
    [99.96, 9.97, '100 ± 10'],
  ])('print %d with the deviation %d as %s', (mean, deviation, text) => {
    expect(plusMinus(mean, deviation)).toBe(text);
  });

  test.each([
    ['frechet', 'Fréchet distance', 'lower'],
    ['FID', 'Fréchet distance', 'lower'],
    ['kid.mean', 'Kernel distance', 'lower'],
    ['kid.deviation', 'Kernel distance, deviation', undefined],
    ['prdc.coverage', 'Coverage', 'higher'],
    ['aToB/prdc.coverage', 'Coverage of aToB', 'higher'],
    ['ganTrain', 'GAN-train accuracy', 'higher'],
    ['sharpness', 'sharpness', undefined],
    ['constructor', 'constructor', undefined],
  ])('call %s %s, better if %s', (name, title, better) => {
    const words = metricWords(name);
    expect([words.title, words.better]).toEqual([title, better]);
  });
});

describe('the parts of a report', () => {
  test('name the axes of every chart', () => {
    const charts = visible(report()).match(/<figure class="chart".*?<\/figure>/gs)!;
    const units = charts.map((chart) =>
      [...chart.matchAll(/<text class="unit"[^>]*>([^<]*)</g)].map(([, unit]) => unit),
    );
    expect(units).toEqual([
      ['loss', 'step'],
      ['share classified correctly', 'step'],
      ['norm', 'step'],
      ['seconds', 'step'],
    ]);
  });

  test('give networks the colors of the demo, in whatever order they come', () => {
    expect(curveColors(['discriminator', 'generator'])).toEqual([1, 0]);
    expect(curveColors(['on real', 'on fake', 'on held-out'])).toEqual([2, 3, 0]);
    expect(curveColors(['a', 'generator', 'b'])).toEqual([1, 0, 2]);
    expect(curveColors(['x/generator', 'y/generator'])).toEqual([0, 1]);
  });

  test('put the settings of networks side by side', () => {
    const html = visible(
      report({
        settings: {
          seed: 42,
          'optimizers.generator.learningRate': 1e-4,
          'optimizers.discriminator.learningRate': 4e-4,
          'ema.generator.decay': 0.999,
        },
      }),
    );
    expect(html).toContain('<th scope="row">seed</th><td>42</td>');
    expect(html).toContain('<th>discriminator</th><th>generator</th>');
    expect(html).toContain(
      '<th scope="row">optimizers.learningRate</th><td>0.0004</td><td>0.0001</td>',
    );
    expect(html).toContain('<th scope="row">ema.decay</th><td>–</td><td>0.999</td>');
  });

  test('list the layers of the networks, their shapes and weights', async () => {
    using gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 2, kernelSize: 3, classes: 3 });
    const networks = outlineNetworks(gan.trainer.game.networks);
    const html = visible(report({ networks }));
    for (const { name } of networks) expect(html).toContain(`<strong>${name}</strong>`);
    const { model } = gan.generator;
    expect(html).toContain(
      `${model.countParams().toLocaleString('en')} weights in ${model.layers.length} layers`,
    );
    expect(html).toContain('<td>Input latents</td>');
    expect(html).toMatch(/<td>Conv2DTranspose, kernel 3×3, stride 2<small>kernel 3×3×\d+×\d+/);
    expect(readReportMemory(report({ networks }))?.networks).toEqual(networks);
  });

  test('show real samples beside generated ones, and large pictures as they are', () => {
    const png = (width: number): string =>
      Buffer.from(
        encodePng({ width, height: 1, channels: 1, data: new Uint8Array(width) }),
      ).toString('base64');
    const html = visible(report({ pictures: [{ step: 3, png: png(8) }], realPicture: png(9) }));
    expect(html.match(/<img /g)).toHaveLength(2);
    expect(html).toContain('alt="Real samples"');
    expect(html).not.toContain('class="large"');
    expect(visible(report({ pictures: [{ step: 3, png: png(480) }] }))).toContain('class="large"');
  });

  test('tell a tab of the browser how far the run is', () => {
    const titleOf = (html: string): string | undefined => /<title>(.*?)<\/title>/.exec(html)?.[1];
    expect(titleOf(report({ state: 'running', lastStep: 6 }))).toBe(
      'a run · 50 % · training report',
    );
    expect(titleOf(report())).toBe('a run · finished · training report');
  });
});

describe('readReportMemory', () => {
  test('reads what a report remembers, and nothing else', () => {
    expect(readReportMemory(report({ settings: { seed: 7 } }))?.settings).toEqual({ seed: 7 });
    expect(readReportMemory('<html></html>')).toBeUndefined();
    expect(readReportMemory(report().replace('"format":1', '"format":1,'))).toBeUndefined();
    expect(readReportMemory(report().replace('"format":1', '"format":2'))).toBeUndefined();
  });
});
