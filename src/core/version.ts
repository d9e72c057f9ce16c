/** The version of this library, as in package.json; written into checkpoints. @internal */
export const libraryVersion = '0.1.0';
