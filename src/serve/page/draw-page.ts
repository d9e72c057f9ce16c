import { isPicture } from '../../io/picture.ts';
import { isCondition } from '../../models/conditions.ts';
import type { NetworkInput } from '../../models/network.ts';
import type { ServeSettings } from '../serve-options.ts';
import type { GeneratorAbout, ModelAbout, TableAbout } from '../served-model.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/**
 * The page for people: a seed, a number of samples, conditions, or a picture to translate, and what
 * comes of them.
 *
 * @param nonce - A random word: the page allows only the script that has it.
 *
 * @internal
 */
export function drawPage(about: ModelAbout, settings: ServeSettings, nonce: string): string {
  // A name has no characters that mean something in HTML.
  const { name, maxCount } = settings;
  const { kind, text, parts } =
    about.kind === 'table'
      ? tablePage(about, maxCount)
      : about.kind === 'translator'
        ? translatorPage(about)
        : samplesPage(about, maxCount);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">
<title>${name}</title><style>${pageStyle}</style></head>
<body data-kind="${kind}"><main>
<h1>${name}</h1>
<p class="soft">${text}</p>
${parts.join('\n')}
<p class="soft"><a data-to="openapi.json" href="openapi.json">All addresses</a> ·
<a data-to="metrics" href="metrics">Metrics</a> · <a data-to="readyz" href="readyz">State</a></p>
</main><script nonce="${nonce}">${pageScript}</script></body></html>
`;
}

/** What differs between kinds of models. */
interface PageParts {
  /** How the script of the page sends its forms. */
  readonly kind: 'images' | 'numbers' | 'translator' | 'table';
  readonly text: string;
  readonly parts: readonly string[];
}

function samplesPage(about: GeneratorAbout, maxCount: number): PageParts {
  const images = isPicture(about.outputShape);
  const conditions = Object.entries(about.inputs).filter(([, input]) => isCondition(input));
  const shape = about.outputShape.join('×');
  const what = images ? `images of ${shape}` : `samples of ${shape} numbers`;
  const fields = [
    ...seedAndCount(maxCount),
    ...conditions.map(([input, kind]) => conditionInput(input, kind)),
  ];
  const form = card('samples', 'samples.png', 'Samples', fields, randomSeed);
  return {
    kind: images ? 'images' : 'numbers',
    text: `A generator of ${what}. The same seed gives the same ${images ? 'images' : 'samples'}.`,
    parts: [
      columns(form, output(images, 'Samples of the seed')),
      ...(images ? [interpolation(maxCount)] : []),
    ],
  };
}

function tablePage({ columns: names }: TableAbout, maxCount: number): PageParts {
  const listed = names.map(({ name }) => escapeText(name)).join(', ');
  const where =
    '<label>Where <input name="where" placeholder="any, or JSON: {&quot;COLUMN&quot;: VALUE}"></label>';
  const fields = [...seedAndCount(maxCount), where];
  return {
    kind: 'table',
    text: `A generator of rows with the columns ${listed}. The same seed gives the same rows.`,
    parts: [columns(card('rows', 'rows.csv', 'Rows', fields, randomSeed), output(false, 'Rows'))],
  };
}

function translatorPage({ inputShapes, outputShape }: GeneratorAbout): PageParts {
  const [source = []] = Object.values(inputShapes);
  const file = '<label>PNG <input name="picture" type="file" accept="image/png" required></label>';
  return {
    kind: 'translator',
    text: `A translator of images of ${source.join('×')} to ${outputShape.join('×')}. Larger ones are translated in tiles.`,
    parts: [
      columns(card('translation', 'translate', 'Image', [file]), output(true, 'The translation')),
    ],
  };
}

function card(
  id: string,
  action: string,
  title: string,
  fields: readonly string[],
  button = '',
): string {
  return `<form id="${id}" class="card" action="${action}">
<h2>${title}</h2>
${fields.join('\n')}
<div class="buttons"><button>Show</button>${button}</div>
</form>`;
}

/** A button of {@link card}. */
const randomSeed = '<button type="button" id="random">Random seed</button>';

function columns(form: string, result: string): string {
  return `<div class="columns">
${form}
<figure class="card" aria-live="polite">${result}<p class="error" hidden></p>
<pre class="command"></pre></figure>
</div>`;
}

function seedAndCount(maxCount: number): readonly string[] {
  return [
    numberField('seed', 'Seed', 0, 2 ** 32 - 1, 1),
    numberField('count', 'Number', 1, maxCount, Math.min(16, maxCount)),
  ];
}

function interpolation(maxCount: number): string {
  const fields = [
    numberField('from', 'From', 0, 2 ** 32 - 1, 1),
    numberField('to', 'To', 0, 2 ** 32 - 1, 2),
    numberField('steps', 'Steps', 2, Math.max(2, maxCount), 8),
  ];
  const form = card('path', 'interpolate.png', 'Between two seeds', fields);
  return columns(form, output(true, 'Images between the seeds'));
}

function output(images: boolean, title: string): string {
  return images ? `<img alt="${title}" hidden>` : '<pre class="numbers"></pre>';
}

function numberField(
  name: string,
  title: string,
  low: number,
  high: number,
  value: number,
): string {
  return (
    `<label>${title} <input name="${name}" type="number" min="${low}" max="${high}" step="1" ` +
    `value="${value}" required></label>`
  );
}

function conditionInput(name: string, input: NetworkInput): string {
  const shown = escapeText(name);
  if (isCondition(input) && input.classes !== undefined) {
    const classes = Array.from({ length: Math.min(1000, input.classes) }, (_, i) => i);
    const options = classes.map((label) => `<option>${label}</option>`).join('');
    return `<label>${shown} <select name="${shown}"><option value="">any</option>${options}</select></label>`;
  }
  const example =
    isCondition(input) && input.categorical !== undefined ? '{ "categorical": [0] }' : '[0.5, -1]';
  return `<label>${shown} <input name="${shown}" placeholder="any, or JSON: ${escapeText(example)}"></label>`;
}

function escapeText(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => named[character]!);
}
