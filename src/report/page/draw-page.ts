import { escapeText } from '../svg.ts';
import type { ChartData } from './chart-readings.ts';
import { plot } from './chart.ts';
import { pageScript, pageScriptHash } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/** What the page's script reads. @internal */
export interface ScriptData {
  readonly running: boolean;
  readonly writtenAt: string;
  /** In how many seconds a run that goes on writes again, at most. */
  readonly nextWithin: number;
  readonly charts: readonly ChartData[];
  /** Pictures through time; without the address of the last, which is in the page. */
  readonly figures: readonly {
    readonly title: string;
    readonly pictures: readonly { readonly step: number; readonly url: string }[];
  }[];
}

/**
 * A page that is one file: style, script and pictures are in it, and its own policy forbids anything else.
 *
 * @param content - The page as HTML, with everything from outside escaped.
 * @param more - Further blocks of data.
 *
 * @internal
 */
export function drawPage(title: string, content: string, script: ScriptData, more = ''): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${pageScriptHash}'; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>${escapeText(title)}</title><link rel="icon" href="data:,"><style>${pageStyle}</style></head><body><main>`,
    `${content}</main>`,
    jsonBlock('report', { ...script, plot }),
    more,
    `<script>${pageScript}</script></body></html>`,
    '',
  ].join('\n');
}

/** Data in the page; text that would end the block is written so that it cannot. @internal */
export function jsonBlock(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`;
}

/** @internal */
export function section(title: string, content: string): string {
  return content === '' ? '' : `<h2>${title}</h2>${content}`;
}

/** @internal */
export function card(content: string): string {
  return content === '' ? '' : `<div class="card scroll">${content}</div>`;
}

/** Parts in two columns, or one on a narrow screen; those without content are left out. @internal */
export function columns(parts: readonly string[]): string {
  const shown = parts.filter((part) => part !== '');
  return shown.length === 0 ? '' : `<div class="columns">${shown.join('')}</div>`;
}
