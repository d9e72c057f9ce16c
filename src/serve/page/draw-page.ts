import { isPicture } from '../../io/picture.ts';
import { isCondition } from '../../models/conditions.ts';
import type { NetworkInput } from '../../models/network.ts';
import type { ServeSettings } from '../serve-options.ts';
import type { GeneratorAbout } from '../served-model.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/**
 * The page for people: a seed, a number of samples, conditions, and what comes of them.
 *
 * @param nonce - A random word: the page allows only the script that has it.
 *
 * @internal
 */
export function drawPage(about: GeneratorAbout, settings: ServeSettings, nonce: string): string {
  // A name has no characters that mean something in HTML.
  const { name, maxCount } = settings;
  const images = isPicture(about.outputShape);
  const conditions = Object.entries(about.inputs).filter(([, input]) => isCondition(input));
  const shape = about.outputShape.join('×');
  const kind = images ? `images of ${shape}` : `samples of ${shape} numbers`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">
<title>${name}</title><style>${pageStyle}</style></head>
<body data-images="${images}"><main>
<h1>${name}</h1>
<p class="soft">A generator of ${kind}. The same seed gives the same ${images ? 'images' : 'samples'}.</p>
<div class="columns">
<form id="samples" class="card" action="samples.png">
<h2>Samples</h2>
${numberField('seed', 'Seed', 0, 2 ** 32 - 1, 1)}
${numberField('count', 'Number', 1, maxCount, Math.min(16, maxCount))}
${conditions.map(([input, kind]) => conditionInput(input, kind)).join('\n')}
<div class="buttons"><button>Show</button><button type="button" id="random">Random seed</button></div>
</form>
<figure class="card" aria-live="polite">${output(images, 'Samples of the seed')}<p class="error" hidden></p>
<pre class="command"></pre></figure>
</div>
${images ? interpolation(maxCount) : ''}
<p class="soft"><a data-to="openapi.json" href="openapi.json">All addresses</a> ·
<a data-to="metrics" href="metrics">Metrics</a> · <a data-to="readyz" href="readyz">State</a></p>
</main><script nonce="${nonce}">${pageScript}</script></body></html>
`;
}

function interpolation(maxCount: number): string {
  return `<div class="columns">
<form id="path" class="card" action="interpolate.png">
<h2>Between two seeds</h2>
${numberField('from', 'From', 0, 2 ** 32 - 1, 1)}
${numberField('to', 'To', 0, 2 ** 32 - 1, 2)}
${numberField('steps', 'Steps', 2, Math.max(2, maxCount), 8)}
<div class="buttons"><button>Show</button></div>
</form>
<figure class="card" aria-live="polite">${output(true, 'Images between the seeds')}<p class="error" hidden></p>
<pre class="command"></pre></figure>
</div>`;
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
