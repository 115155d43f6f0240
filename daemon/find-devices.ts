import type { FoundDevice } from '../adapters/adapter.js';
import { ADAPTER_KINDS, ADAPTERS, type AdapterEntry, type AdapterKind } from '../adapters/registry.js';
import { errorText } from '../pipelines/core/errors.js';

/** What looking for devices of one kind gave. */
export interface DeviceSearch {
  readonly kind: AdapterKind;
  readonly title: string;
  readonly devices: readonly FoundDevice[];
  /** Why the look failed. */
  readonly failure?: string;
}

/** Looks for devices of every kind that can be looked for, side by side, for at most that long. Never rejects. */
export async function findDevices(timeoutMs: number): Promise<readonly DeviceSearch[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const searches = ADAPTER_KINDS.map((kind) => searchOf(kind, signal));
  return (await Promise.all(searches)).filter((search) => search !== undefined);
}

async function searchOf(kind: AdapterKind, signal: AbortSignal): Promise<DeviceSearch | undefined> {
  const { title, loadFind }: AdapterEntry = ADAPTERS[kind];
  if (loadFind === undefined) return undefined;
  try {
    const find = await loadFind();
    return { kind, title, devices: await find(signal) };
  } catch (error) {
    return { kind, title, devices: [], failure: errorText(error) };
  }
}
