// comlink has the types of this file, but not where the compiler looks for those of an .mjs file.
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import nodeEndpoint from 'comlink/dist/esm/node-adapter';

  export type { NodeEndpoint } from 'comlink/dist/esm/node-adapter';
  // eslint-disable-next-line import-x/no-default-export -- The package exports it so.
  export default nodeEndpoint;
}
