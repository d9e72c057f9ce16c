// Entry of the compiled module: every exported function is callable from TypeScript.
// Pointers come from TypeScript (memory-pool.ts); nothing here allocates.
export * from './adam';
export * from './batch-norm';
export * from './binary';
export * from './convert';
export * from './copy';
export * from './fill';
export * from './reduce';
export * from './unary';
