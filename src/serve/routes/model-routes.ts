import type { Route, RouteContext } from '../route.ts';
import { openInferenceRoutes } from './open-inference-routes.ts';
import { pageRoute } from './page-route.ts';
import { pictureRoutes } from './picture-routes.ts';
import { sampleRoutes } from './sample-routes.ts';
import { tensorflowServingRoutes } from './tensorflow-serving-routes.ts';

/** The routes of a kind of model. @internal */
export function modelRoutes({ about, ...rest }: RouteContext): Route[] {
  switch (about.kind) {
    case 'generator': {
      const context = { about, ...rest };
      return [
        pageRoute(context),
        ...pictureRoutes(context),
        ...sampleRoutes(context),
        ...openInferenceRoutes(context),
        ...tensorflowServingRoutes(context),
      ];
    }
    case 'translator':
    case 'table':
      return [];
    default:
      return about satisfies never;
  }
}
