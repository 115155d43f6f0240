import { decodeWaveformHistory, microvoltsOf } from '../../daemon/protocol/codec.js';
import type { EventMessage, GapMessage, WaveformHistory } from '../../daemon/protocol/messages.js';
import { readTimeline, type ReadTimeline } from './history.js';
import { EegSamples } from './bedViewSamples.js';

/** Read before a page, so that filters for the eye have forgotten where they began: 0.5 Hz, the slowest, needs about 2 s. */
const RUN_IN_SECONDS = 8;
/** An event is found by its onset: one that began so long before the page, and still goes on, is marked on it. */
const EVENTS_BEFORE_SECONDS = 900;
const TIMEOUT_MS = 20_000;
/** Channels or rate may become others on the way, and each time the answer ends. */
const MAXIMUM_ANSWERS = 12;
/** Of one answer, less than the daemon's most (8 MiB). */
const ANSWER_BYTES = 7 << 20;
const LONGEST_ANSWER_SECONDS = 60;

/** A stretch of a bed's past, Unix microseconds. */
export interface PastSpan {
  readonly fromMicros: number;
  readonly toMicros: number;
}

/** What the daemon still has of a page's time. */
export interface PastPage {
  readonly beginMicros: number;
  readonly endMicros: number;
  /** Undefined where nothing is kept. Sample 0 is that at `samplesFromMicros`; what is missing is NaN. */
  readonly samples: EegSamples | undefined;
  readonly samplesFromMicros: number;
  /** When the bed's channels or its rate became others on this page, which ends there; undefined: they did not. */
  readonly othersFromMicros: number | undefined;
  /** Chirps that reach into the page, each by its newest telling; undefined where the daemon did not tell. */
  readonly events: readonly EventMessage[] | undefined;
  /** Samples that never came, as the timeline has them: what else is missing is not kept. */
  readonly gaps: readonly GapMessage[];
  /** The bed's newest sample when this was asked: what lies after it had not come yet. */
  readonly askedAtMicros: number;
}

/** `GET /v1/beds/{bed}/waveform` */
export type ReadWaveform = (bed: string, span: PastSpan, signal: AbortSignal) => Promise<WaveformHistory>;

export interface PastSources {
  readonly readWaveform: ReadWaveform;
  readonly readTimeline: ReadTimeline;
}

/** The daemon refuses, and says why in English, for people. */
export class DaemonRefusal extends Error {}

/** Of a bed: its name, how much comes a second, and its newest sample. */
export interface PastBed {
  readonly name: string;
  readonly sampleRate: number;
  readonly nChannels: number;
  readonly clockMicros: number;
}

/**
 * Reads a page of a bed's past, and a few seconds before it.
 *
 * @throws DaemonRefusal, or an error of the connection
 */
export async function readPastPage(
  sources: PastSources,
  bed: PastBed,
  { fromMicros: beginMicros, toMicros: endMicros }: PastSpan,
  signal: AbortSignal,
): Promise<PastPage> {
  const askedAtMicros = bed.clockMicros;
  const timeline = sources
    .readTimeline(bed.name, Math.floor(beginMicros - EVENTS_BEFORE_SECONDS * 1e6), Math.ceil(endMicros))
    .catch(() => undefined);
  const answers = await readAnswers(sources.readWaveform, bed, beginMicros, endMicros, signal);
  const records = await timeline;
  const [first] = answers;
  const gaps = (records ?? []).filter((record): record is GapMessage => record.type === 'gap');
  const events = records?.filter((record): record is EventMessage => record.type === 'event');
  const nextMicros = answers.at(-1)?.untilTimeMicros ?? endMicros;
  const samplesFromMicros = first?.fromTimeMicros ?? beginMicros;
  return {
    beginMicros,
    endMicros,
    samplesFromMicros,
    samples: samplesOf(answers, Math.min(endMicros, nextMicros), askedAtMicros),
    othersFromMicros: nextMicros < endMicros ? nextMicros : undefined,
    events: events && newestOf(events, beginMicros, endMicros),
    gaps: gaps.filter((gap) => gap.offsetTimeMicros > beginMicros && gap.onsetTimeMicros < endMicros),
    askedAtMicros,
  };
}

/** The answers for a page, all of the same channels and rate: from the run-in, or from where they are those of the page. */
async function readAnswers(
  read: ReadWaveform,
  bed: PastBed,
  beginMicros: number,
  endMicros: number,
  signal: AbortSignal,
): Promise<readonly WaveformHistory[]> {
  const bytesPerSecond = Math.max(1, 4 * bed.nChannels * bed.sampleRate);
  const longestMicros = Math.floor(1e6 * Math.min(LONGEST_ANSWER_SECONDS, ANSWER_BYTES / bytesPerSecond));
  let answers: WaveformHistory[] = [];
  let fromMicros = Math.floor(beginMicros - RUN_IN_SECONDS * 1e6);
  for (let n = 0; n < MAXIMUM_ANSWERS && fromMicros < endMicros; n++) {
    const toMicros = Math.min(endMicros, fromMicros + longestMicros);
    const answer = await read(bed.name, { fromMicros, toMicros }, signal);
    if (answers.length > 0 && !isAlike(answers[0]!, answer)) {
      if (fromMicros > beginMicros) break;
      answers = [];
    }
    answers.push(answer);
    // Others begin here: of the run-in that does not matter, on the page it is its end.
    if (answer.untilTimeMicros < toMicros && answer.untilTimeMicros > beginMicros) break;
    fromMicros = Math.max(answer.untilTimeMicros, fromMicros + 1);
    if (answer.untilTimeMicros < toMicros) answers = [];
  }
  return answers;
}

function isAlike(a: WaveformHistory, b: WaveformHistory): boolean {
  return a.sampleRate === b.sampleRate && a.derivations.join('\n') === b.derivations.join('\n');
}

/** All pieces in one place, NaN where there is none: to the page's end, or as far as samples had come. */
function samplesOf(
  answers: readonly WaveformHistory[],
  endMicros: number,
  clockMicros: number,
): EegSamples | undefined {
  const [first] = answers;
  const pieces = answers.flatMap((answer) => answer.pieces);
  if (first === undefined || pieces.length === 0) return undefined;
  const { derivations, sampleRate, fromTimeMicros } = first;
  const indexAt = (micros: number): number => Math.round(((micros - fromTimeMicros) / 1e6) * sampleRate);
  const newestMicros = pieces.reduce((most, { timeMicros, nSamples }) => {
    return Math.max(most, timeMicros + (nSamples / sampleRate) * 1e6);
  }, 0);
  const end = indexAt(Math.max(newestMicros, Math.min(endMicros, clockMicros)));
  const samples = new EegSamples(derivations, sampleRate, (end + 1) / sampleRate);
  const missing = new Float32Array(derivations.length).fill(Number.NaN);
  const start = Math.max(0, indexAt(pieces[0]!.timeMicros));
  if (start > 0) samples.put(0, missing);
  for (const { timeMicros, microvolts } of pieces) {
    samples.put(Math.max(samples.end, indexAt(timeMicros)), microvoltsOf(microvolts));
  }
  if (samples.end < end) samples.put(end - 1, missing);
  return samples;
}

/** Each chirp once, as it was told last; without those that turned out to be another one's ridge. */
function newestOf(tellings: readonly EventMessage[], beginMicros: number, endMicros: number): readonly EventMessage[] {
  const newest = new Map<string, EventMessage>();
  for (const telling of tellings) {
    const before = newest.get(telling.id);
    if (before === undefined || telling.revision > before.revision) newest.set(telling.id, telling);
  }
  return [...newest.values()]
    .filter(({ mergedInto }) => mergedInto === undefined)
    .filter(({ onsetTimeMicros, offsetTimeMicros }) => offsetTimeMicros >= beginMicros && onsetTimeMicros < endMicros)
    .sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros);
}

export const readWaveform: ReadWaveform = async (bed, { fromMicros, toMicros }, signal) => {
  const seconds = ((toMicros - fromMicros) / 1e6).toFixed(6);
  const query = new URLSearchParams({ from: String(Math.floor(fromMicros)), seconds, montage: 'recorded' });
  const response = await fetch(`/v1/beds/${encodeURIComponent(bed)}/waveform?${query.toString()}`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (!response.ok) throw new DaemonRefusal(await refusalText(response));
  return decodeWaveformHistory(new Uint8Array(await response.arrayBuffer()));
};

async function refusalText(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: { message?: unknown } };
    if (typeof error?.message === 'string') return error.message;
  } catch {
    // A proxy's page, perhaps.
  }
  return String(response.status);
}

/** The daemon that the board came from. */
export const DAEMON: PastSources = { readWaveform, readTimeline };
