import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import t from 'tap';
import { tcpAdapter } from '../../adapters/raw/tcp-adapter.js';
import { liveAdapterConformance } from './live-conformance.js';
import { startTcpRig } from './raw/tcp-rig.js';

/** Listening ports of this process, as the system counts them. */
function listeningPorts(): number {
  const listening = new Set(
    readFileSync('/proc/self/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .flatMap((fields) => (fields[3] === '0A' ? [`socket:[${fields[9] ?? ''}]`] : [])),
  );
  return readdirSync('/proc/self/fd').filter((fd) => listening.has(linkOf(fd))).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

liveAdapterConformance(t, { adapter: tcpAdapter, start: startTcpRig, resources: listeningPorts });
