import type { Route, RouteContext } from '../route.ts';
import type { ModelAbout } from '../served-model.ts';
import { openInferenceRoutes } from './open-inference-routes.ts';
import { pageRoute } from './page-route.ts';
import { pictureRoutes } from './picture-routes.ts';
import { rowRoutes } from './row-routes.ts';
import { sampleRoutes } from './sample-routes.ts';
import { tensorflowServingRoutes } from './tensorflow-serving-routes.ts';
import { translationRoutes } from './translation-routes.ts';

/** The routes of a model. Rows are no tensors, which the two inference protocols are about. @internal */
export function modelRoutes({ about, ...others }: RouteContext<ModelAbout>): Route[] {
  if (about.kind === 'table') {
    const context = { about, ...others };
    return [pageRoute(context), ...rowRoutes(context)];
  }
  const context = { about, ...others };
  const own =
    about.kind === 'translator'
      ? translationRoutes(context)
      : [...pictureRoutes(context), ...sampleRoutes(context)];
  return [
    pageRoute(context),
    ...own,
    ...openInferenceRoutes(context),
    ...tensorflowServingRoutes(context),
  ];
}
