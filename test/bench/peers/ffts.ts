import loadKissFft from '@echogarden/kissfft-wasm';
import loadPffft from '@echogarden/pffft-wasm/simd';
import { fft as pipesFft } from '@neurosity/pipes';
import FftJs from 'fft.js';
import { of, type OperatorFunction } from 'rxjs';

/** An FFT of real signals of one length. */
export interface PeerFft {
  readonly name: string;
  readonly isFloat32: boolean;
  /**
   * Writes |X[k]|^2 of the tapered samples from index `at` on, zero-padded, for k = 0 to length / 2 - 1. Each peer has loops of its
   * own, so that what one is given does not slow down what is compiled for another.
   */
  power(signal: Float32Array, at: number, taper: Float64Array, power: Float64Array): void;
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
    isFloat32: false,
    power: (signal, at, taper, power) => {
      for (let i = 0; i < taper.length; i++) input[i] = signal[at + i]! * taper[i]!;
      fft.realTransform(output, input);
      for (let k = 0; k < power.length; k++) power[k] = output[2 * k]! ** 2 + output[2 * k + 1]! ** 2;
    },
  };
}

async function kissFft(length: number): Promise<PeerFft> {
  const kiss = await loadKissFft();
  const config = kiss._kiss_fftr_alloc(length, 0, 0, 0);
  const [from, to] = [kiss._malloc(4 * length), kiss._malloc(8 * (length / 2 + 1))];
  const input = kiss.HEAPF32.subarray(from / 4, from / 4 + length).fill(0);
  const output = kiss.HEAPF32.subarray(to / 4, to / 4 + length + 2);
  return {
    name: 'KISS FFT in WebAssembly (@echogarden/kissfft-wasm 0.2.0)',
    isFloat32: true,
    power: (signal, at, taper, power) => {
      for (let i = 0; i < taper.length; i++) input[i] = signal[at + i]! * taper[i]!;
      kiss._kiss_fftr(config, from, to);
      for (let k = 0; k < power.length; k++) power[k] = output[2 * k]! ** 2 + output[2 * k + 1]! ** 2;
    },
  };
}

async function pffft(length: number): Promise<PeerFft> {
  const library = await loadPffft();
  const setup = library._pffft_new_setup(length, 0);
  const [from, to, work] = [1, 2, 3].map(() => library._pffft_aligned_malloc(4 * length)) as [number, number, number];
  const input = library.HEAPF32.subarray(from / 4, from / 4 + length).fill(0);
  const output = library.HEAPF32.subarray(to / 4, to / 4 + length);
  return {
    name: 'PFFFT in WebAssembly SIMD (@echogarden/pffft-wasm 0.4.2)',
    isFloat32: true,
    power: (signal, at, taper, power) => {
      for (let i = 0; i < taper.length; i++) input[i] = signal[at + i]! * taper[i]!;
      library._pffft_transform_ordered(setup, from, to, work, 0);
      // The imaginary part of the first pair is the value at half of the rate.
      power[0] = output[0]! ** 2;
      for (let k = 1; k < power.length; k++) power[k] = output[2 * k]! ** 2 + output[2 * k + 1]! ** 2;
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
  const scale = (length / 2) ** 2;
  // Its types know nothing of what comes in.
  const operator = pipesFft({ bins: length }) as unknown as OperatorFunction<Epoch, Spectra>;
  return {
    name: '@neurosity/pipes 5.2.1 fft',
    isFloat32: false,
    power: (signal, at, taper, power) => {
      const tapered = Array.from(taper, (weight, i) => signal[at + i]! * weight);
      of<Epoch>({ data: [tapered], info: { samplingRate: length } })
        .pipe(operator)
        .subscribe(({ psd: [amplitudes = []] }) => {
          for (let k = 0; k < power.length; k++) power[k] = amplitudes[k]! ** 2 * scale;
        });
    },
  };
}
