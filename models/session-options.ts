import type { InferenceSession } from 'onnxruntime-node';

/** How every session of the inference process is made. */
export function sessionOptions(provider: string, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // It warns of each graph of which a part is left to the CPU, as is right for the shapes.
    logSeverityLevel: 3,
    // Waiting for work in a loop took more processor time than the work (README.md).
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}
