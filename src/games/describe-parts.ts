import { uniqueNames } from '../core/unique-part-names.ts';
import type { Settings } from './game.ts';

/** The settings of several parts of a kind, by the name of each; of two with one name the second has a number. @internal */
export function describeParts<T extends { readonly name: string }>(
  kind: string,
  parts: readonly T[],
  describe: (part: T) => Settings,
): Settings {
  const all = uniqueNames(parts).map(([name, part]) => prefixed(`${kind}.${name}`, describe(part)));
  return Object.assign({}, ...all) as Settings;
}

/** In which order several parts of a kind work on one network, which decides what they compute. @internal */
export function partOrders(
  kind: string,
  parts: readonly { readonly name: string; readonly target: string; readonly weight?: unknown }[],
  networks: readonly string[],
): Settings {
  const entries = networks.flatMap((network) => {
    const names = uniqueNames(parts)
      .filter(([, { target }]) => target === network || target === 'all')
      .filter(([, { weight }]) => weight !== 0)
      .map(([name]) => name);
    return names.length > 1 ? [[`${kind}.order.${network}`, names.join(', ')] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** Settings under the name of what they belong to. @internal */
export function prefixed(prefix: string, settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}
