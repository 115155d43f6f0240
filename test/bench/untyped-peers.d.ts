/** What Emscripten makes of a C library: addresses are byte offsets in its memory. */
interface WasmMemory {
  readonly HEAPF32: Float32Array;
  _malloc(bytes: number): number;
}

declare module '@echogarden/pffft-wasm/simd' {
  interface Pffft extends WasmMemory {
    /** @param kind 0: of real numbers */
    _pffft_new_setup(length: number, kind: number): number;
    _pffft_aligned_malloc(bytes: number): number;
    _pffft_transform_ordered(setup: number, input: number, output: number, work: number, direction: number): void;
  }
  export default function load(): Promise<Pffft>;
}

declare module '@echogarden/kissfft-wasm' {
  interface KissFft extends WasmMemory {
    _kiss_fftr_alloc(length: number, inverse: number, memory: number, bytes: number): number;
    _kiss_fftr(config: number, input: number, output: number): void;
  }
  export default function load(): Promise<KissFft>;
}
