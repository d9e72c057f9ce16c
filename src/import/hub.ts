import type * as tf from '@tensorflow/tfjs';
import { checkOptions, withDefaults } from '../core/checks.ts';
import { DataFormatError } from '../core/errors.ts';
import { formatValue } from '../core/format.ts';
import { sha256 as digestOf } from '../core/sha256.ts';
import { decodeText } from '../core/text.ts';
import { reasonOf } from '../models/http-model.ts';
import { modelPlace } from '../models/model-address.ts';
import { readModelFiles } from '../models/model-files.ts';
import { kerasFile } from './keras-file.ts';

/**
 * Settings of {@link hub}.
 *
 * @example A Keras file at one commit
 * ```ts
 * const options: HubOptions = { file: 'generator.keras', revision: '0123456789abcdef0123456789abcdef01234567' };
 * ```
 */
export interface HubOptions {
  /**
   * A branch, a tag, or a commit of 40 digits. Only a commit stays the same: a branch may be
   * changed by its owner.
   *
   * @defaultValue `'main'`
   */
  readonly revision?: string | undefined;
  /**
   * Path of the model in the repository: a `model.json` of TensorFlow.js with its weights beside
   * it, or a `.keras` or `.h5` file.
   *
   * @defaultValue `'generator/model.json'`
   */
  readonly file?: string | undefined;
  /**
   * SHA-256 of every file that is read, in hexadecimal, by path in the repository. A file that is
   * not listed is refused.
   *
   * @defaultValue none: checksums are not compared
   */
  readonly sha256?: Readonly<Record<string, string>> | undefined;
  /**
   * Address at which to keep the model: `file://folder` (after importing `tfjs-gan/node`),
   * `indexeddb://name`, or a handler. If it holds the commit of `revision`, nothing is downloaded;
   * if `revision` is a commit, no request is sent.
   *
   * @defaultValue none
   */
  readonly cache?: string | URL | tf.io.IOHandler | undefined;
  /**
   * Access token, for private repositories.
   *
   * @defaultValue none
   */
  readonly token?: string | undefined;
  /**
   * Address of the Hub, or of a mirror.
   *
   * @defaultValue `'https://huggingface.co'`
   */
  readonly endpoint?: string | undefined;
}

/** What a cache holds, in the metadata of its model. */
interface CachedFacts {
  readonly repository: string;
  readonly file: string;
  readonly commit: string;
  readonly sha256: Readonly<Record<string, string>>;
}

const action = 'load from the Hugging Face Hub';
const commitPattern = /^[0-9a-f]{40}$/;

/**
 * A model on the Hugging Face Hub in place of an address: `Generator.load(hub('user/model'))`.
 *
 * All files are of one commit, even if the branch is changed meanwhile. Nothing is written unless
 * you set `cache`, and nothing that failed a check is kept.
 *
 * @param repository - `user/model`.
 * @param options - Revision, file, checksums, cache.
 * @returns A handler whose `load` throws DataFormatError if a checksum differs, a file is damaged
 * or names one outside of its folder, and Error if a file is missing, private or cannot be
 * downloaded.
 * @throws TypeError or RangeError if the repository or an option is wrong.
 *
 * @example Sample from a published generator, and keep it
 * ```ts no-run
 * const digits = await Generator.load(
 *   hub('me/digits', { revision: '0123456789abcdef0123456789abcdef01234567', cache: 'file://models/digits' }),
 * );
 * digits.sample(16).dispose();
 * digits.dispose();
 * ```
 *
 * @see {@link https://huggingface.co/docs/hub/models-downloading}
 */
export function hub(repository: string, options: HubOptions = {}): tf.io.IOHandler {
  const settings = withDefaults(action, options, {
    revision: 'main',
    file: 'generator/model.json',
    sha256: undefined,
    cache: undefined,
    token: undefined,
    endpoint: 'https://huggingface.co',
  });
  const { revision, file, sha256, cache, endpoint } = settings;
  checkText('repository', repository, /^[\w.-]+\/[\w.-]+$/, "'user/model'");
  checkText('revision', revision, /^[\w.-]+(\/[\w.-]+)*$/, 'a branch, a tag or a commit');
  checkText('file', file, /^[^\\?#%]+\.(json|keras|h5)$/, 'a .json, .keras or .h5 file');
  checkText('endpoint', endpoint, /^https?:\/\/[^?#]+$/, 'an https: address');
  for (const path of [repository, revision, file]) {
    if (isInside(path)) continue;
    throw new RangeError(
      `Cannot ${action}: repository, revision and file must not lead out of their folder, got ${formatValue(path)}`,
    );
  }
  if (sha256 !== undefined) checkOptions(action, sha256, undefined, 'sha256');
  const place = cache === undefined ? undefined : modelPlace('save', cache).handler;
  return { load: () => new Download({ repository, ...settings, cache: place }).load() };
}

interface DownloadParts {
  readonly repository: string;
  readonly revision: string;
  readonly file: string;
  readonly sha256: Readonly<Record<string, string>> | undefined;
  readonly cache: tf.io.IOHandler | undefined;
  readonly token: string | undefined;
  readonly endpoint: string;
}

class Download {
  readonly #parts: DownloadParts;
  readonly #digests: Record<string, string> = {};
  #commit: string | undefined;

  constructor(parts: DownloadParts) {
    this.#parts = parts;
    this.#commit = commitPattern.test(parts.revision) ? parts.revision : undefined;
  }

  async load(): Promise<tf.io.ModelArtifacts> {
    const { file, cache } = this.#parts;
    const cached = await this.#cached();
    // A file that the Hub keeps elsewhere comes without its commit.
    if (cache !== undefined) this.#commit ??= await this.#commitOfRevision();
    if (cached !== undefined && this.#holds(cached)) return cached;
    // Without a cache, the first response tells the commit, from which all other files are read.
    const first = await this.#read(file);
    const folder = file.slice(0, file.lastIndexOf('/') + 1);
    const artifacts = file.endsWith('.json')
      ? await readModelFiles(file, {
          read: async (path) => (path === file ? first : this.#read(path)),
          beside: (name) => `${folder}${name}`,
        })
      : await kerasFile(first, file).load!();
    if (cache === undefined) return artifacts;
    const facts: CachedFacts = {
      repository: this.#parts.repository,
      file,
      commit: this.#commit!,
      sha256: this.#digests,
    };
    const kept = {
      ...artifacts,
      userDefinedMetadata: { ...artifacts.userDefinedMetadata, hub: facts },
    };
    await cache.save!(kept);
    return kept;
  }

  /** The model in the cache; a missing or damaged one is written again. */
  async #cached(): Promise<tf.io.ModelArtifacts | undefined> {
    const { cache, repository, file } = this.#parts;
    let found: tf.io.ModelArtifacts;
    try {
      const loaded = await cache?.load?.();
      if (loaded === undefined) return undefined;
      found = loaded;
    } catch {
      return undefined;
    }
    const facts = factsOf(found);
    if (facts?.repository === repository && facts.file === file) return found;
    throw new Error(
      `Cannot ${action}: cache must be free or hold ${repository}/${file}, got ${facts === undefined ? 'another model' : `${facts.repository}/${facts.file}`}. ` +
        'Choose another address',
    );
  }

  #holds(cached: tf.io.ModelArtifacts): boolean {
    const { commit, sha256 = {} } = factsOf(cached) ?? {};
    const wanted = this.#parts.sha256;
    if (commit === undefined || commit !== this.#commit) return false;
    return (
      wanted === undefined ||
      Object.entries(sha256).every(([path, digest]) => wanted[path]?.toLowerCase() === digest)
    );
  }

  async #commitOfRevision(): Promise<string> {
    const { repository, revision } = this.#parts;
    const path = `api/models/${repository}/revision/${encodeURIComponent(revision)}`;
    const cure = 'With a commit as revision, cache works without it';
    const { bytes } = await this.#get(path, `${cure}; check that ${repository} has this revision`);
    let commit: unknown;
    try {
      commit = (JSON.parse(decodeText(bytes)) as { readonly sha?: unknown } | null)?.sha;
    } catch {
      commit = undefined;
    }
    if (typeof commit === 'string' && commitPattern.test(commit)) return commit;
    throw new Error(
      `Cannot ${action}: '${path}' of ${this.#parts.endpoint} must tell the commit of ${formatValue(revision)}, got none. ${cure}`,
    );
  }

  async #get(
    path: string,
    cure: string,
  ): Promise<{ readonly bytes: Uint8Array; readonly headers: Headers }> {
    const { endpoint, token } = this.#parts;
    const url = `${endpoint.replace(/\/$/, '')}/${path}`;
    const refuse = (actual: string, how: string, cause?: unknown): Error =>
      new Error(`Cannot ${action}: '${url}' must be readable, got ${actual}. ${how}`, { cause });
    let response: Response;
    let bytes: Uint8Array;
    try {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      response = await fetch(url, { headers });
      bytes = response.ok ? new Uint8Array(await response.arrayBuffer()) : new Uint8Array(0);
    } catch (error) {
      throw refuse(
        reasonOf(error),
        'Check the network; with a commit as revision, cache works without it',
        error,
      );
    }
    if (response.ok) return { bytes, headers: response.headers };
    const isRefused = response.status === 401 || response.status === 403;
    throw refuse(
      `status ${response.status}`,
      isRefused
        ? 'The repository is private, gated or does not exist: check its name, and pass token'
        : cure,
    );
  }

  async #read(path: string): Promise<Uint8Array> {
    // A model.json may name any file.
    if (!isInside(path)) {
      throw new DataFormatError(
        'model.json',
        `Cannot ${action}: files must be in the folder of the model, got ${formatValue(path)}`,
      );
    }
    const { repository, revision, sha256 } = this.#parts;
    const at = encodeURIComponent(this.#commit ?? revision);
    const folder = path.split('/').map(encodeURIComponent).join('/');
    const { bytes, headers } = await this.#get(
      `${repository}/resolve/${at}/${folder}`,
      `Check that ${repository} has ${formatValue(path)} at ${formatValue(revision)}`,
    );
    const commit = headers.get('x-repo-commit') ?? '';
    if (commitPattern.test(commit)) this.#commit ??= commit;
    if (sha256 === undefined && this.#parts.cache === undefined) return bytes;
    const digest = await digestOf(bytes);
    this.#digests[path] = digest;
    const wanted = sha256 === undefined ? digest : sha256[path];
    if (wanted?.toLowerCase() === digest) return bytes;
    throw new DataFormatError(
      'SHA-256',
      `Cannot ${action}: ${formatValue(path)} must have the checksum ${wanted ?? 'that sha256 lists, which has none'}, got ${digest}. ` +
        'The file was changed, or the download is damaged',
    );
  }
}

function factsOf({ userDefinedMetadata }: tf.io.ModelArtifacts): CachedFacts | undefined {
  return (userDefinedMetadata as { readonly hub?: CachedFacts } | undefined)?.hub;
}

function isInside(path: string): boolean {
  return !/[\\?#:]/.test(path) && path.split('/').every((part) => !['', '.', '..'].includes(part));
}

function checkText(name: string, value: unknown, pattern: RegExp, wanted: string): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  const Kind = typeof value === 'string' ? RangeError : TypeError;
  throw new Kind(`Cannot ${action}: ${name} must be ${wanted}, got ${formatValue(value)}`);
}
