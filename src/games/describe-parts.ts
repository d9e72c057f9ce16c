import { uniqueNames } from '../core/unique-part-names.ts';
import type { Settings } from './game.ts';

/**
 * The settings of several parts of one kind, by name; the second part of a name has a number.
 *
 * @internal
 */
export function describeParts<T extends { readonly name: string }>(
  kind: string,
  parts: readonly T[],
  describe: (part: T) => Settings,
): Settings {
  const all = uniqueNames(parts).map(([name, part]) => prefixed(`${kind}.${name}`, describe(part)));
  return Object.assign({}, ...all) as Settings;
}

/** The order of several parts of one kind on a network, which affects the result. @internal */
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

/** Settings prefixed with the name of their owner. @internal */
export function prefixed(prefix: string, settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}
