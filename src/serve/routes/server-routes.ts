import { HttpError } from '../http-error.ts';
import { bodyResponse, jsonResponse } from '../respond.ts';
import type { Route } from '../route.ts';

/** What these routes tell about. @internal */
export interface ServerState {
  /** Why no requests should be sent now, if so. */
  readonly notReady: () => string | undefined;
  readonly metrics: () => string;
  readonly openApi: () => object;
}

/** Health, readiness, metrics and the description. @internal */
export function serverRoutes({ notReady, metrics, openApi }: ServerState): Route[] {
  const ready = (value: object): Response => {
    const reason = notReady();
    if (reason === undefined) return jsonResponse(value);
    throw new HttpError(503, reason, { 'retry-after': '1' });
  };
  const json = ['application/json'];
  return [
    {
      method: 'GET',
      path: '/healthz',
      summary: 'Whether the process works',
      returns: json,
      run: () => jsonResponse({ status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary: 'Whether requests should be sent to it: 503 if its queue is full or it shuts down',
      returns: json,
      run: () => ready({ status: 'ready' }),
    },
    {
      method: 'GET',
      path: '/v2/health/live',
      summary: 'Open Inference Protocol: the same as /healthz',
      returns: json,
      run: () => jsonResponse({ live: true }),
    },
    {
      method: 'GET',
      path: '/v2/health/ready',
      summary: 'Open Inference Protocol: the same as /readyz',
      returns: json,
      run: () => ready({ ready: true }),
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Counters for Prometheus',
      returns: ['text/plain'],
      run: () => bodyResponse(metrics(), 'text/plain; version=0.0.4; charset=utf-8'),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'This description',
      returns: json,
      run: () => jsonResponse(openApi()),
    },
  ];
}
