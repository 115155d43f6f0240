import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';

const N_RUNS = 8;
/** The first meets everything for the first time. */
const N_WARM_UP = 1;
const PREFIX = 'operators';

/** What the runtime writes of each run of a node, among other things. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * Which kinds of operators of a graph take the time, by the runtime's own profile.
 *
 * @param folder for the profile, which stays there
 * @returns shares of 1, largest first
 */
export async function operatorShares(
  modelPath: string,
  options: InferenceSession.SessionOptions,
  feeds: InferenceSession.FeedsType,
  folder: string,
): Promise<readonly (readonly [operator: string, share: number])[]> {
  const profiling = { enableProfiling: true, profileFilePrefix: join(folder, PREFIX) };
  const session = await InferenceSession.create(modelPath, { ...options, ...profiling });
  for (let i = 0; i < N_RUNS; i++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const file = readdirSync(folder).find((name) => name.startsWith(PREFIX));
  if (file === undefined) throw new Error(`the runtime wrote no profile into ${folder}`);
  const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly ProfileEvent[];
  const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const micros = new Map<string, number>();
  for (const { args, dur } of nodes.slice((N_WARM_UP * nodes.length) / N_RUNS)) {
    const operator = args?.op_name ?? 'unknown';
    micros.set(operator, (micros.get(operator) ?? 0) + dur);
  }
  const all = [...micros.values()].reduce((sum, each) => sum + each, 0);
  return [...micros].map(([operator, each]) => [operator, each / all] as const).sort((a, b) => b[1] - a[1]);
}
