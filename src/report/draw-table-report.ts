import { drawHistogram, histogramsOf } from './page/histogram.ts';
import { card, columns, drawPage, section } from './page/draw-page.ts';
import { type KeyFigure, keyFigure } from './page/summary.ts';
import { moment, percent, whole } from './page/words.ts';
import { escapeText } from './svg.ts';
import type { AlignedColumn } from '../metrics/table/aligned-tables.ts';
import type { TableReport } from '../metrics/table/table-report.ts';

/** The content of {@link drawTableReport}, as plain data. @internal */
export interface TablePageData {
  /** Name of the table. */
  readonly title: string;
  /** When this was written, as ISO 8601. */
  readonly writtenAt: string;
  readonly report: TableReport;
  /** The columns of the real and of the generated rows. */
  readonly columns: readonly AlignedColumn[];
}

/** Most pairs of columns in the table of pairs. */
const shownPairs = 40;

/**
 * Draws the quality of generated rows as a page for people who know the data, not the method: four
 * figures in words, each column beside the real one, related pairs, privacy.
 *
 * It is one file that loads nothing, and all text from outside is escaped.
 *
 * @internal
 */
export function drawTableReport(data: TablePageData): string {
  const { title, writtenAt, report } = data;
  const [real = 0, made = 0] = data.columns[0]?.values.map(({ length }) => length) ?? [];
  const shapes = new Map(report.shapes.columns.map((shape) => [shape.name, shape]));
  const drawn = histogramsOf(data.columns)
    .map((histogram) => ({ histogram, shape: shapes.get(histogram.name)! }))
    .sort((a, b) => a.shape.shape - b.shape.shape)
    .map(({ histogram, shape }) => {
      const other =
        shape.otherRows === undefined
          ? ''
          : `; ${percent(shape.otherRows)} without the most frequent value`;
      return drawHistogram(histogram, `${percent(shape.shape)} alike${other}`);
    });
  const content = [
    `<header><h1>${escapeText(title)}: generated rows</h1></header>`,
    `<p class="verdict">${whole(made)} generated rows beside ${whole(real)} real ones.</p>`,
    `<dl class="figures">${figures(report).map(keyFigure).join('')}</dl>`,
    section(
      'Columns, the least alike first',
      `<p class="note"><i class="swatch" style="--c:var(--c0)"></i>real rows &emsp;<i class="swatch" style="--c:var(--c1)"></i>generated rows. Bars show the share of rows.</p>${columns(drawn)}`,
    ),
    section('Columns that belong together', card(pairsTable(report))),
    section('Privacy', card(privacyTable(report))),
    `<footer class="soft">Written ${escapeText(moment(writtenAt))} by tfjs-gan. The figures check for copies; they do not prove that rows are anonymous.</footer>`,
  ].join('\n');
  const script = { running: false, writtenAt, nextWithin: 60, charts: [], figures: [] };
  return drawPage(`${title} · generated rows`, content, script);
}

function figures(report: TableReport): readonly KeyFigure[] {
  const { shapes, trends, detection, usefulness, privacy } = report;
  const heldOut = privacy.heldOut?.copies;
  return [
    {
      name: 'Columns alike',
      value: percent(shapes.mean),
      more: 'each column by itself; 100 % is the same distribution',
    },
    {
      name: 'Relations kept',
      value: trends.related === 0 ? 'none found' : percent(trends.mean),
      more:
        trends.related === 0
          ? 'no two columns belong together'
          : `${trends.related} pairs of columns; shuffled columns would have ${percent(trends.independent)}`,
    },
    {
      name: 'Hard to tell apart',
      value: percent(detection.score),
      more: '100 %: a simple classifier cannot tell generated rows from real ones',
    },
    ...(usefulness === undefined
      ? []
      : [
          {
            name: `Predicting ${usefulness.target}`,
            value: percent(usefulness.synthetic),
            more: `right after learning from generated rows; from real rows ${percent(usefulness.real)}, always the most frequent value ${percent(usefulness.majority)}`,
          },
        ]),
    {
      name: 'Copies',
      value: percent(privacy.copies),
      more:
        heldOut === undefined
          ? 'generated rows that are a real row'
          : `generated rows that are a training row; of new real rows ${percent(heldOut)}`,
    },
  ];
}

/** Related pairs, those that lost most first. */
function pairsTable({ trends }: TableReport): string {
  const related = [...trends.pairs]
    .sort((a, b) => b.association - a.association)
    .slice(0, trends.related)
    .sort((a, b) => a.trend - a.independent - (b.trend - b.independent));
  if (related.length === 0) return '<p>No two columns belong together in the real rows.</p>';
  const rows = related.slice(0, shownPairs).map(({ columns: [a, b], trend, independent }) => {
    const word =
      trend < independent
        ? '<span class="bad">lost</span>'
        : trend < (1 + independent) / 2
          ? '<span class="warn">in part</span>'
          : '<span class="good">kept</span>';
    return `<tr><th scope="row">${escapeText(a)} and ${escapeText(b)}</th><td>${word}</td><td>${percent(trend)}</td><td>${percent(independent)}</td></tr>`;
  });
  const more = related.length - rows.length;
  return [
    '<table><thead><tr><th>Columns</th><th>Relation</th><th>Score</th><th>If shuffled</th></tr></thead>',
    `<tbody>${rows.join('')}</tbody></table>`,
    more > 0 ? `<p class="note">and ${more} pairs that are kept better</p>` : '',
  ].join('');
}

function privacyTable({ privacy }: TableReport): string {
  const { heldOut } = privacy;
  const row = (name: string, made: string, real: string | undefined, meaning: string): string =>
    `<tr><th scope="row">${name}<small>${meaning}</small></th><td>${made}</td><td>${real ?? '–'}</td></tr>`;
  return [
    '<table><thead><tr><th>Figure</th><th>Generated rows</th><th>New real rows</th></tr></thead><tbody>',
    row(
      'Copies of training rows',
      percent(privacy.copies),
      heldOut && percent(heldOut.copies),
      'real rows repeat too, if a table is coarse',
    ),
    row(
      'Distance to the closest training row',
      privacy.distance.toFixed(3),
      heldOut?.distance.toFixed(3),
      'median; far below that of new real rows, single rows are imitated',
    ),
    ...(heldOut === undefined
      ? []
      : [
          row(
            'Closer to a training row than to a new real one',
            percent(heldOut.closerToTraining),
            '50 %',
            'far above 50 %, single rows are imitated',
          ),
          row(
            'Membership attack',
            heldOut.membershipAuc.toFixed(3),
            '0.500',
            'area under the curve; far above 0.5, generated rows show who was in the data',
          ),
        ]),
    '</tbody></table>',
    heldOut === undefined
      ? '<p class="note">Without held-out real rows, there is nothing to compare with.</p>'
      : '',
  ].join('');
}
