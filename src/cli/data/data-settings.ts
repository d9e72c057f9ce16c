import type { FoundData } from './find-data.ts';

/** Everything that determines a dataset, as `settings.json` has it. */
export interface DataSettings extends FoundData {
  /**
   * What the classes are: subfolders, or the path of a file of labels; undefined without classes.
   */
  readonly labels?: string | undefined;
  /** Shape of pictures of a folder after resizing. */
  readonly imageShape?: readonly [height: number, width: number, channels: number] | undefined;
  /** How pictures of other sizes are brought to that shape. */
  readonly fit?: 'cover' | 'contain' | undefined;
  /** Whether half of the pictures are mirrored. */
  readonly flip?: boolean | undefined;
  /** Number of samples to take, from the first. */
  readonly limit?: number | undefined;
  /** Whether pictures are read for each batch anew. */
  readonly onDemand?: boolean | undefined;
}

/** The word for classes by subfolders in {@link DataSettings.labels}. */
export const bySubfolders = 'subfolders';
