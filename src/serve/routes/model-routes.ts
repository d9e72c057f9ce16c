import type { Route, RouteContext } from '../route.ts';
import { openInferenceRoutes } from './open-inference-routes.ts';
import { pageRoute } from './page-route.ts';
import { pictureRoutes } from './picture-routes.ts';
import { sampleRoutes } from './sample-routes.ts';
import { tensorflowServingRoutes } from './tensorflow-serving-routes.ts';

/** The routes of a generator. @internal */
export function modelRoutes(context: RouteContext): Route[] {
  return [
    pageRoute(context),
    ...pictureRoutes(context),
    ...sampleRoutes(context),
    ...openInferenceRoutes(context),
    ...tensorflowServingRoutes(context),
  ];
}
