import { escapeText } from '../svg.ts';
import type { ChartData } from './chart-readings.ts';
import { plot } from './chart.ts';
import { pageScript, pageScriptHash } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/** What the page's script reads. @internal */
export interface ScriptData {
  readonly running: boolean;
  readonly writtenAt: string;
  /** Maximum seconds until a running training writes again. */
  readonly nextWithin: number;
  readonly charts: readonly ChartData[];
  /** Images over time; the URL of the last one is empty, since it is in the page. */
  readonly figures: readonly {
    readonly title: string;
    readonly pictures: readonly { readonly step: number; readonly url: string }[];
  }[];
}

/**
 * A page in one file, with its style, script and images; its policy forbids loading anything else.
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

/** Data in the page; text that would end the block is escaped. @internal */
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

/** Parts in two columns, or in one on a narrow screen; empty parts are skipped. @internal */
export function columns(parts: readonly string[]): string {
  const shown = parts.filter((part) => part !== '');
  return shown.length === 0 ? '' : `<div class="columns">${shown.join('')}</div>`;
}
