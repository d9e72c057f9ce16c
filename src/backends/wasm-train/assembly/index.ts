// Entry of the compiled module: every exported function is callable from TypeScript.
// Pointers come from TypeScript (memory-pool.ts); nothing here allocates.
export * from './fill';
