import { readdirSync, readlinkSync } from 'node:fs';
import t from 'tap';
import { liveAdapterConformance } from './live-conformance.js';
import { SERIAL_DEVICES } from './serial-devices.js';

/** Serial ports that this process has open. */
function openPorts(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/dev/pts/');
    } catch {
      return false;
    }
  }).length;
}

/** The suite of live adapters for one device. */
export function tryDevice(name: keyof typeof SERIAL_DEVICES): void {
  void t.test(name, (t) => {
    liveAdapterConformance(t, { ...SERIAL_DEVICES[name], resources: openPorts });
    t.end();
  });
}
