/** The part of `@resvg/resvg-wasm` that is used here. */
declare module '@resvg/resvg-wasm' {
  export function initWasm(module: Uint8Array): Promise<void>;
  export class Resvg {
    constructor(
      svg: string,
      options: {
        readonly background: string;
        readonly fitTo: { readonly mode: 'width'; readonly value: number };
      },
    );
    render(): {
      readonly width: number;
      readonly height: number;
      readonly pixels: Uint8Array;
      free(): void;
    };
    free(): void;
  }
}
