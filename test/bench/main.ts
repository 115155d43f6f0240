/** `npm run bench [-- --minutes N --profile slow --threads 1 --json]`: where the time of a replay goes; `--cost`: the model's; `--resume`: the stream's; `--board`: the board's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROFILE_NAMES } from '../../pipelines/core/profile.js';
import { measureBoard } from './board.js';
import { measureBoardMemory } from './board-memory.js';
import { measureCost } from './cost.js';
import { writeRecording } from './recording.js';
import { measureResume } from './resume.js';
import { measureReplay } from './replay.js';
import { measureStages } from './stages.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    profile: { type: 'string', default: 'slow' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
    cost: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    board: { type: 'boolean', default: false },
    beds: { type: 'string' },
    'board-hours': { type: 'string' },
    'cpu-profiles': { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const threads = Number(values.threads);
const profile = PROFILE_NAMES.find((name) => name === values.profile);
if (!(minutes > 0) || !Number.isInteger(threads) || threads < 1 || profile === undefined) {
  console.error(
    `usage: npm run bench -- [--minutes N] [--profile ${PROFILE_NAMES.join('|')}] [--threads N] [--json] [--cost | --resume | --board [--beds N] [--cpu-profiles FOLDER] | --board-hours N [--beds N]]`,
  );
  process.exit(2);
}

if (values.cost) {
  const cost = await measureCost('models/released/chirp-vit-96', threads);
  if (values.json) console.log(JSON.stringify(cost));
  else
    console.log(
      `batches of 32, ${String(threads)} thread(s), median of ${String(cost.turns)} turns: released model ${cost.chirpd.toFixed(0)} canvases/s, ` +
        `ViT-B/16 at 224 x 224 ${cost.vitB16.toFixed(2)} images/s: ${cost.ratio.toFixed(0)} times as many`,
    );
  process.exit(0);
}
if (values.resume) {
  const resume = await measureResume(150_000);
  if (values.json) console.log(JSON.stringify(resume));
  else
    console.log(
      `${String(resume.nStored)} stored events to one client that resumes, median of ${String(resume.turns)} turns: chirpd ` +
        `${resume.chirpd.toFixed(0)} events/s, ws alone with frames in memory ${resume.plainWs.toFixed(0)} frames/s: ` +
        `ratio ${resume.ratio.toFixed(2)}; live events meanwhile p99 ${resume.liveP99Ms.toFixed(1)} ms`,
    );
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'chirpd-bench-'));
const nBeds = values.beds === undefined ? undefined : Number(values.beds);
if (values['board-hours'] !== undefined) {
  const memory = await measureBoardMemory(Number(values['board-hours']), nBeds ?? 4);
  if (values.json) console.log(JSON.stringify(memory));
  else {
    console.table(memory.points.map((point) => ({ ...point, heapMegabytes: point.heapMegabytes.toFixed(2) })));
    console.log(
      `the board's memory after a collection: ${memory.megabytesPerHour.toFixed(3)} MB and ${memory.nodesPerHour.toFixed(1)} nodes more ` +
        `in an hour of ${String(memory.nBeds)} beds (target 0), of a line from a quarter of the time on; ${memory.wallSeconds.toFixed(0)} s`,
    );
  }
  process.exit(0);
}
if (values.board) {
  try {
    const figures = await measureBoard(folder, nBeds ?? 16, values['cpu-profiles']);
    if (values.json) console.log(JSON.stringify(figures));
    else showBoard(figures);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
}
try {
  const path = join(folder, 'recording.edf');
  const seconds = Math.round(minutes * 60);
  console.error(`writing ${String(minutes)} minutes of 23 channels at 256 Hz ...`);
  await writeRecording(path, seconds);
  console.error('measuring reading and signal processing ...');
  const stages = await measureStages(path, profile);
  console.error('measuring the whole replay ...');
  const replay = await measureReplay(path, profile, threads);
  const rest = Math.max(0, replay.mainCpuSeconds - stages.readingSeconds - stages.dspSeconds);
  const total = stages.readingSeconds + stages.dspSeconds + replay.inferenceSeconds + rest;
  const share = (part: number): string => `${((100 * part) / total).toFixed(1)} %`;
  const times = (part: number): string => `${(seconds / Math.max(part, 1e-6)).toFixed(0)} x`;
  if (values.json)
    console.log(
      JSON.stringify({ profile, threads, recordingSeconds: seconds, ...stages, ...replay, restSeconds: rest }),
    );
  else {
    console.log(
      `\nchirpd replay --speed max, one bed: 23 channels x 256 Hz x ${String(seconds)} s, 18 derivations, profile ${profile}`,
    );
    console.log(
      `${String(cpus().length)} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${String(threads)} inference thread(s)\n`,
    );
    console.table({
      reading: {
        seconds: stages.readingSeconds.toFixed(2),
        share: share(stages.readingSeconds),
        alone: times(stages.readingSeconds),
      },
      'signal processing': {
        seconds: stages.dspSeconds.toFixed(2),
        share: share(stages.dspSeconds),
        alone: times(stages.dspSeconds),
      },
      inference: {
        seconds: replay.inferenceSeconds.toFixed(2),
        share: share(replay.inferenceSeconds),
        alone: times(replay.inferenceSeconds),
      },
      'the rest': { seconds: rest.toFixed(2), share: share(rest), alone: times(rest) },
    });
    console.log(`real time factor     ${(seconds / replay.wallSeconds).toFixed(1)} x (target 20)`);
    console.log(
      `main loop delay      p50 ${replay.loopDelayP50Ms.toFixed(1)} ms, p99 ${replay.loopDelayP99Ms.toFixed(1)} ms (target 20), max ${replay.loopDelayMaxMs.toFixed(1)} ms`,
    );
    console.log(
      `canvases             ${String(replay.nCanvases)}, ${(replay.nCanvases / replay.inferenceSeconds).toFixed(0)} a second of inference`,
    );
    console.log(`events               ${String(replay.nEvents)} tellings`);
    console.log(`peak resident memory ${replay.peakMegabytes.toFixed(0)} MB (this process)`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function showBoard(figures: Awaited<ReturnType<typeof measureBoard>>): void {
  console.log(
    `\nthe board with ${String(nBeds ?? 16)} beds that stream, drawn without a graphics card, daemon on the same machine`,
  );
  console.log(`${String(cpus().length)} cores (${cpus()[0]?.model.trim() ?? 'unknown'})\n`);
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  console.table(
    Object.fromEntries(
      figures.map(({ width, height, framesPerSecond, worstFramesPerSecond, busy, scripts, layout, heapMegabytes }) => [
        `${String(width)} x ${String(height)}`,
        {
          'frames/s (target 30)': framesPerSecond.toFixed(0),
          'worst 2 s': worstFramesPerSecond.toFixed(0),
          'page busy': percent(busy),
          scripts: percent(scripts),
          'style, layout': percent(layout),
          'heap MB': heapMegabytes.toFixed(0),
        },
      ]),
    ),
  );
}
