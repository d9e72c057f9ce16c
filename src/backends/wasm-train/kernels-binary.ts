// Written by `npm run build:kernels` from assembly/: change the sources there, not this file.

/** What the compiled kernels export; pointers and sizes are plain numbers. @internal */
export interface KernelExports {
  fillFloats(target: number, count: number, value: number): void;
}

/** The compiled kernels in base64, one module for each kind of engine. @internal */
export const kernelBinaries: { readonly [flavour in KernelFlavour]: string } = {
  plain:
    'AGFzbQEAAAABBwFgA39/fQACDwEDZW52Bm1lbW9yeQIAAAMCAQAHFwIKZmlsbEZsb2F0cwAABm1lbW9yeQIAClwBWgIBewF/IAL9EyEDIAAgAUECdGohBCAAIAFBfHFBAnRqIQEDQCAAIAFJBEAgACAD/QsEACAAQRBqIQAMAQsLA0AgACAESQRAIAAgAjgCACAAQQRqIQAMAQsLCw==',
};

/** The kinds of engine there is a module for. @internal */
export type KernelFlavour = 'plain';
