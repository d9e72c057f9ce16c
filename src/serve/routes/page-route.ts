import { drawPage } from '../page/draw-page.ts';
import { bodyResponse } from '../respond.ts';
import type { Route, RouteContext } from '../route.ts';
import type { ModelAbout } from '../served-model.ts';

/** A page to try the model. @internal */
export function pageRoute({ about, settings }: RouteContext<ModelAbout>): Route {
  return {
    method: 'GET',
    path: '/',
    summary: 'A page to try the generator',
    returns: ['text/html'],
    run: () => {
      const nonce = globalThis.crypto.randomUUID();
      const policy = [
        "default-src 'none'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "style-src 'unsafe-inline'",
        `script-src 'nonce-${nonce}'`,
        "base-uri 'none'",
        "form-action 'self'",
      ].join('; ');
      return bodyResponse(drawPage(about, settings, nonce), 'text/html; charset=utf-8', {
        headers: { 'content-security-policy': policy },
      });
    },
  };
}
