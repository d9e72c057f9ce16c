import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { StepInfo } from 'tfjs-gan';
import { drawReport, readReportMemory } from '../../src/report/draw-report.ts';
import { historyWarnings } from '../../src/report/page/history-warnings.ts';
import { pageScript, pageScriptHash } from '../../src/report/page/page-script.ts';
import type { ReportData } from '../../src/report/report-data.ts';

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
    const html = report({
      title: evil,
      error: evil,
      state: 'failed',
      goOn: evil,
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

  test('shows what evaluations logged, where it was not given the evaluations', () => {
    const logged = [{ step: 2, values: { 'evaluation/frechet': 12.5 } }];
    expect(visible(report({ logged }))).toContain('frechet from 12.5 to 12.5');
  });

  test('tells the steps of a run of minutes as a plan until they are made', () => {
    const going = visible(report({ state: 'running', minutes: 9, lastStep: 3400 }));
    expect(going).toMatch(/Training is at step \d of about 3,400 planned\./);
    expect(going).toContain('of about 3,400 planned, epoch');
    const done = visible(report({ state: 'finished', minutes: 9, lastStep: 2 }));
    expect(done).toContain('All steps that were planned for its 9 minutes are finished.');
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

describe('readReportMemory', () => {
  test('reads what a report remembers, and nothing else', () => {
    expect(readReportMemory(report({ settings: { seed: 7 } }))?.settings).toEqual({ seed: 7 });
    expect(readReportMemory('<html></html>')).toBeUndefined();
    expect(readReportMemory(report().replace('"format":1', '"format":1,'))).toBeUndefined();
    expect(readReportMemory(report().replace('"format":1', '"format":2'))).toBeUndefined();
  });
});
