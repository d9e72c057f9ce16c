declare module 'jasmine-core/lib/jasmine-core/jasmine.js' {
  interface Jasmine {
    getEnv(options: object): unknown;
  }
  interface JasmineRequire {
    core(require: JasmineRequire): Jasmine;
    interface(jasmine: Jasmine, environment: unknown): object;
  }
  const jasmineRequire: JasmineRequire;
  // eslint-disable-next-line import-x/no-default-export -- it is how jasmine exports itself
  export default jasmineRequire;
}
