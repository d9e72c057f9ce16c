import type { NetworkOutline } from '../network-outline.ts';
import { escapeText } from '../svg.ts';
import { whole } from './words.ts';

/** A network of more layers is closed at first. */
const mostOpenLayers = 16;

/** A card for each network: its layers, the shapes of their outputs, their weights. @internal */
export function networkTables(networks: readonly NetworkOutline[]): readonly string[] {
  return networks.map(({ name, trained, layers }) => {
    const total = layers.reduce((sum, { count }) => sum + count, 0);
    const rows = layers.map(
      ({ kind, output, weights, count }) =>
        `<tr><td>${escapeText(kind)}${weights === '' ? '' : `<small>${escapeText(weights)}</small>`}</td>` +
        `<td>${escapeText(output)}</td><td class="number">${count === 0 ? '' : whole(count)}</td></tr>`,
    );
    return [
      `<div class="card scroll"><details${layers.length <= mostOpenLayers ? ' open' : ''}><summary><strong>${escapeText(name)}</strong>`,
      `<span class="soft">${whole(total)} weights in ${layers.length} layers${trained ? '' : ', frozen'}</span></summary>`,
      '<table class="layers"><thead><tr><th>Layer</th><th>Output shape</th><th class="number">Weights</th></tr></thead>',
      `<tbody>${rows.join('')}</tbody></table></details></div>`,
    ].join('');
  });
}
