/** The version of this library, as in package.json; noted in checkpoints. @internal */
export const libraryVersion = '0.1.0';
