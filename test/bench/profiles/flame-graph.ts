import type { Profiler, Runtime } from 'node:inspector';

export interface FlameOptions {
  readonly title: string;
  /** What came before is left out: a start is another story. */
  readonly skipSeconds: number;
  /** What a frame is called, and what it belongs to. */
  readonly nameOf: (frame: Runtime.CallFrame) => FrameName;
}

export interface FrameName {
  readonly text: string;
  readonly kind: FrameKind;
}

/** Code of chirpd, of a package, of Node itself, of V8 (its collector among it). */
export type FrameKind = 'chirpd' | 'package' | 'node' | 'v8';

interface Block {
  readonly name: FrameName;
  micros: number;
  readonly inner: Map<string, Block>;
}

const WIDTH = 1200;
const ROW = 16;
const TOP = 44;
const CHARACTER = 6.3;
/** Narrower blocks cannot be seen. */
const LEAST_WIDTH = 0.4;
const COLOURS: Readonly<Record<FrameKind, string>> = {
  chirpd: '#f6a04d',
  package: '#8fbf6b',
  node: '#7fb2d9',
  v8: '#c2b5cf',
};
/** Waiting is not work, and who calls whom above them says nothing. */
const NO_WORK = new Set(['(idle)', '(root)']);

/**
 * A flame graph of a V8 CPU profile, as SVG: callers above what they call, as wide as the processor time they took, idle time left out.
 * What calls itself is one block. Times come as tooltips.
 */
export function flameGraph(profile: Profiler.Profile, { title, skipSeconds, nameOf }: FlameOptions): string {
  const whole = blocksOf(profile, skipSeconds, nameOf);
  const rows: string[] = [];
  const scale = WIDTH / Math.max(1, whole.micros);
  let deepest = 0;
  const draw = (block: Block, x: number, depth: number): void => {
    const width = block.micros * scale;
    if (width < LEAST_WIDTH) return;
    deepest = Math.max(deepest, depth);
    rows.push(rectangle(block, x, TOP + depth * ROW, width, block.micros / whole.micros));
    let at = x;
    for (const inner of byName(block)) {
      draw(inner, at, depth + 1);
      at += inner.micros * scale;
    }
  };
  let at = 0;
  for (const block of byName(whole)) {
    draw(block, at, 0);
    at += block.micros * scale;
  }
  const height = TOP + (deepest + 1) * ROW + 8;
  const seconds = profile.timeDeltas?.reduce((sum, each) => sum + each, 0) ?? 0;
  const share = (100 * whole.micros) / Math.max(1, seconds - skipSeconds * 1e6);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="8" y="17" font-size="14">${escaped(title)}</text>`,
    `<text x="8" y="34">the main thread at work ${share.toFixed(1)} % of the time; orange: chirpd, green: packages, blue: Node, violet: V8</text>`,
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function blocksOf(profile: Profiler.Profile, skipSeconds: number, nameOf: FlameOptions['nameOf']): Block {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const parents = new Map<number, number>();
  const byId = new Map(nodes.map((node) => [node.id, node] as const));
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const micros = new Map<number, number>();
  let sinceStart = 0;
  samples.forEach((id, i) => {
    const delta = timeDeltas[i] ?? 0;
    sinceStart += delta;
    if (sinceStart > skipSeconds * 1e6) micros.set(id, (micros.get(id) ?? 0) + delta);
  });
  const whole: Block = { name: { text: '', kind: 'v8' }, micros: 0, inner: new Map() };
  for (const [id, spent] of micros) {
    const stack: Runtime.CallFrame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame !== undefined) stack.unshift(frame);
    }
    if (NO_WORK.has(stack.at(-1)?.functionName ?? '')) continue;
    whole.micros += spent;
    let block = whole;
    for (const frame of stack) {
      if (NO_WORK.has(frame.functionName)) continue;
      const name = nameOf(frame);
      if (name.text === block.name.text) continue;
      let inner = block.inner.get(name.text);
      if (inner === undefined) block.inner.set(name.text, (inner = { name, micros: 0, inner: new Map() }));
      inner.micros += spent;
      block = inner;
    }
  }
  return whole;
}

/** The order says nothing about when: so that two graphs can be compared, it is that of names. */
function byName(block: Block): readonly Block[] {
  return [...block.inner.values()].sort((a, b) => (a.name.text < b.name.text ? -1 : 1));
}

function rectangle({ name, micros }: Block, x: number, y: number, width: number, share: number): string {
  const nCharacters = Math.floor((width - 4) / CHARACTER);
  const text = name.text.length > nCharacters ? `${name.text.slice(0, Math.max(0, nCharacters - 1))}…` : name.text;
  const label = nCharacters < 3 ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(text)}</text>`;
  const told = `${name.text}: ${(100 * share).toFixed(1)} %, ${(micros / 1000).toFixed(0)} ms`;
  return (
    `<g><title>${escaped(told)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.3, width - 0.5).toFixed(1)}" ` +
    `height="${ROW - 1}" fill="${COLOURS[name.kind]}"/>${label}</g>`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
