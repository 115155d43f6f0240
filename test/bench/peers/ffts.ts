import loadKissFft from '@echogarden/kissfft-wasm';
import loadPffft from '@echogarden/pffft-wasm/simd';
import { fft as pipesFft } from '@neurosity/pipes';
import FftJs from 'fft.js';
import { of, type OperatorFunction } from 'rxjs';

/** An FFT of real signals of one length. */
export interface PeerFft {
  readonly name: string;
  /** Where the signal is put, shape (length,). */
  readonly input: Float32Array | Float64Array | number[];
  /** Writes |X[k]|^2 of `input` for k = 0 to length / 2 - 1. */
  power(power: Float64Array): void;
}

/** The FFT libraries of npm that are compared. */
export async function peerFfts(length: number): Promise<readonly PeerFft[]> {
  return [fftJs(length), await kissFft(length), await pffft(length), pipes(length)];
}

function fftJs(length: number): PeerFft {
  const fft = new FftJs(length);
  const input = new Array<number>(length).fill(0);
  const output = fft.createComplexArray() as number[];
  return {
    name: 'fft.js 4.0.4',
    input,
    power: (power) => {
      fft.realTransform(output, input);
      ofPairs(output, power);
    },
  };
}

async function kissFft(length: number): Promise<PeerFft> {
  const kiss = await loadKissFft();
  const config = kiss._kiss_fftr_alloc(length, 0, 0, 0);
  const [from, to] = [kiss._malloc(4 * length), kiss._malloc(8 * (length / 2 + 1))];
  const output = kiss.HEAPF32.subarray(to / 4, to / 4 + length + 2);
  return {
    name: 'KISS FFT in WebAssembly (@echogarden/kissfft-wasm 0.2.0)',
    input: kiss.HEAPF32.subarray(from / 4, from / 4 + length).fill(0),
    power: (power) => {
      kiss._kiss_fftr(config, from, to);
      ofPairs(output, power);
    },
  };
}

async function pffft(length: number): Promise<PeerFft> {
  const library = await loadPffft();
  const setup = library._pffft_new_setup(length, 0);
  const [from, to, work] = [1, 2, 3].map(() => library._pffft_aligned_malloc(4 * length)) as [number, number, number];
  const output = library.HEAPF32.subarray(to / 4, to / 4 + length);
  return {
    name: 'PFFFT in WebAssembly SIMD (@echogarden/pffft-wasm 0.4.2)',
    input: library.HEAPF32.subarray(from / 4, from / 4 + length).fill(0),
    power: (power) => {
      library._pffft_transform_ordered(setup, from, to, work, 0);
      ofPairs(output, power);
      // The imaginary part of the first pair is the value at half of the rate.
      power[0] = output[0]! ** 2;
    },
  };
}

interface Epoch {
  readonly data: readonly (readonly number[])[];
  readonly info: { readonly samplingRate: number };
}

interface Spectra {
  readonly psd: readonly (readonly number[])[];
}

/** It gives amplitudes, 2 / length times as large. */
function pipes(length: number): PeerFft {
  const input = new Array<number>(length).fill(0);
  const scale = (length / 2) ** 2;
  // Its types know nothing of what comes in.
  const operator = pipesFft({ bins: length }) as unknown as OperatorFunction<Epoch, Spectra>;
  return {
    name: '@neurosity/pipes 5.2.1 fft',
    input,
    power: (power) => {
      of<Epoch>({ data: [input], info: { samplingRate: length } })
        .pipe(operator)
        .subscribe(({ psd: [amplitudes = []] }) => {
          for (let k = 0; k < power.length; k++) power[k] = amplitudes[k]! ** 2 * scale;
        });
    },
  };
}

function ofPairs(pairs: ArrayLike<number>, power: Float64Array): void {
  for (let k = 0; k < power.length; k++) power[k] = pairs[2 * k]! ** 2 + pairs[2 * k + 1]! ** 2;
}
