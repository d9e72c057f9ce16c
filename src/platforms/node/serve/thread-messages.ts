import type { Job, JobResult, ModelAbout } from '../../../serve/served-model.ts';

/** What a thread with a model starts with: its `workerData`. @internal */
export interface ThreadSettings {
  /** The folder of the model, or its `model.json`. */
  readonly path: string;
  /** Threads of the backend; every core by default. */
  readonly threads: number | undefined;
  /** Samples in each pass of the network. */
  readonly batchSize: number;
}

/** What the thread sends once: what it loaded, or why not. @internal */
export type StartMessage =
  { readonly about: ModelAbout; readonly backend: string } | { readonly problem: Error };

/** What is sent to the thread. @internal */
export interface WorkMessage {
  readonly jobs: readonly Job[];
}

/** What the thread sends for each {@link WorkMessage}, in their order. @internal */
export type DoneMessage = { readonly results: readonly JobResult[] } | { readonly problem: Error };
