import { resolve } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { reportCanvases } from '../score/canvas-report.js';
import { formatPredictions, parseCanvasTruth } from '../score/canvas-truth.js';
import { openNpy } from '../score/npy.js';
import { checkCanvasStack, predictCanvases } from '../score/predict-canvases.js';
import { readText } from '../score/read-text.js';
import type { CliContext } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { openOutputFile } from './output-file.js';
import type { ScoreOptions } from './score.js';
import { canvasTables } from './score-canvas-tables.js';
import { scoreConfig } from './score-config.js';
import { scoreDetector } from './score-detector.js';

/** Runs the model on a stack of canvases, and compares it with their truth. */
export async function scoreCanvases(file: string, options: ScoreOptions, context: CliContext): Promise<ExitCode> {
  const { folder, stdout, stderr, stop } = context;
  const { labels, predictions: out, json, adapter } = options;
  if (labels === undefined && out === undefined) {
    throw new ChirpdError('USAGE_SCORE', '--canvases goes with --labels, --predictions or both');
  }
  const path = resolve(folder, file);
  const stack = openNpy(path);
  const detector = scoreDetector(scoreConfig(options, folder).model, stderr);
  try {
    const n = checkCanvasStack(stack, path);
    const truth = labels === undefined ? undefined : parseCanvasTruth(readText(resolve(folder, labels)), labels);
    if (truth !== undefined && truth.length !== n) {
      const counts = `${String(truth.length)} rows for ${String(n)} canvases`;
      throw new ChirpdError('SCORE_CANVASES', `${labels ?? ''} has ${counts}`);
    }
    const { manifest } = detector.model;
    const identity = detector.adapterNamed(adapter);
    const jsonFile = json === undefined ? undefined : openOutputFile(resolve(folder, json));
    const predictionsFile = out === undefined ? undefined : openOutputFile(resolve(folder, out));
    const { provider } = await detector.start();
    const startedMs = performance.now();
    const predictions = await predictCanvases(detector, stack, {
      adapter,
      stop,
      onProgress: (nDone) => {
        if (stderr.isTTY) stderr.write(`\r\u001b[Kscore: ${String(nDone)} of ${String(n)} canvases`);
      },
    });
    if (stderr.isTTY) stderr.write('\r\u001b[K');
    if (stop.aborted) {
      stderr.write('chirpd: stopped before the end; nothing is scored\n');
      return EXIT.ok;
    }
    const speed = {
      canvasesPerSecond: n / ((performance.now() - startedMs) / 1000),
      modelCanvasesPerSecond: n / (detector.statistics().inferenceMs / 1000),
      provider,
    };
    predictionsFile?.write(formatPredictions(predictions));
    const report = truth && reportCanvases(truth, predictions);
    const model = {
      name: manifest.name,
      sha256: manifest.sha256,
      adapter: identity.name,
      adapterSha256: identity.sha256,
    };
    jsonFile?.write(
      `${JSON.stringify({ type: 'score-canvases', version: context.version, file, model, speed, ...report }, null, 2)}\n`,
    );
    stdout.write(canvasTables({ model, speed, report, n }));
    predictionsFile?.close();
    jsonFile?.close();
    return EXIT.ok;
  } finally {
    detector.stop();
    stack.close();
  }
}
