import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { identityGraph } from './identity-graph.js';

/**
 * Puts matrices into the memory of the WebGPU device, where they stay for all runs that take them as an input. The
 * binding has no call for that, but leaves outputs there when asked to: so they are the output of a graph that changes nothing.
 */
export class DeviceCopy {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @throws Error where there is no such device */
  static async open(): Promise<DeviceCopy> {
    const options = {
      executionProviders: ['webgpu'],
      preferredOutputLocation: 'gpu-buffer',
      logSeverityLevel: 3,
    } as const;
    return new DeviceCopy(await InferenceSession.create(identityGraph(), options));
  }

  /** @param matrix float32, two dimensions; the copy is to be disposed of when it is not needed any more */
  async of(matrix: Tensor): Promise<Tensor> {
    const { out } = await this.#session.run({ in: matrix });
    if (out === undefined) throw new Error('the device gave no copy');
    return out;
  }
}
