import { unsupported } from './layer-config.ts';
import type { PortableLayer } from './portable-layer.ts';

/** Name of the activation in a layer's settings, `linear` if there is none. @internal */
export function activationOf(config: PortableLayer['config']): string {
  const { activation } = config;
  if (typeof activation === 'string') return activation;
  return (activation as { readonly className?: string } | null | undefined)?.className ?? 'linear';
}

/** What a table of activations has for a layer's. @internal */
export function activationIn<T>(table: Readonly<Record<string, T>>, layer: PortableLayer): T {
  const name = activationOf(layer.config);
  if (Object.hasOwn(table, name)) return table[name]!;
  throw unsupported(layer, 'activation', `one of ${Object.keys(table).join(', ')}`);
}
