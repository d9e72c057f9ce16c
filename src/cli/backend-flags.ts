import { choice, count, type Flag } from './flags.ts';

/** Names of the backends to choose from. */
export const backends = ['auto', 'tensorflow', 'webgpu', 'webgl', 'wasm-train', 'cpu'] as const;

/** The flags of every command that computes. */
export const backendFlags: {
  readonly backend: Flag<(typeof backends)[number]>;
  readonly threads: Flag<number | undefined>;
} = {
  backend: choice<(typeof backends)[number]>('auto', backends, backends.slice(1).join(', ')),
  threads: count<number | undefined>(undefined, 'threads of wasm-train; every core by default'),
};
