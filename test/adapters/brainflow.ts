import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PEERS_PYTHON } from './python-peers.js';

/** What BrainFlow's own driver of a board has read. */
export interface BrainFlowReading {
  /** To each command. */
  readonly answers: readonly string[];
  /** Counter of each packet. */
  readonly packets: readonly number[];
  /** Microvolts: a row a channel. */
  readonly eeg: readonly (readonly number[])[];
}

/** BrainFlow's numbers of boards. */
export const BRAINFLOW_BOARDS = { cyton: 0, 'cyton-daisy': 2, freeeeg32: 17 } as const;

/** Reads at least so many samples from a port; commands are sent before. */
export async function readWithBrainFlow(
  board: keyof typeof BRAINFLOW_BOARDS,
  port: string,
  nSamples: number,
  commands: readonly string[] = [],
): Promise<BrainFlowReading> {
  const args = [
    'test/adapters/brainflow_read.py',
    String(BRAINFLOW_BOARDS[board]),
    port,
    String(nSamples),
    ...commands,
  ];
  const { stdout } = await promisify(execFile)(PEERS_PYTHON, args, { maxBuffer: 1 << 28, timeout: 100_000 });
  return JSON.parse(stdout.slice(stdout.indexOf('{'))) as BrainFlowReading;
}
