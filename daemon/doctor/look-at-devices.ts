import { closeSync, constants, openSync, statSync } from 'node:fs';
import type { Config } from '../config/schema.js';
import { failed, type Finding, ok, warning } from './finding.js';

/** The serial port of each bed that has one: whether it is there, and whether this account may use it. */
export function lookAtDevices({ beds }: Config): readonly Finding[] {
  return beds.flatMap(({ name, adapter: { port } }) => (typeof port === 'string' ? [lookAt(name, port)] : []));
}

function lookAt(bed: string, port: string): Finding {
  const stats = statSync(port, { throwIfNoEntry: false });
  if (stats === undefined) {
    return warning(
      bed,
      `${port} is not there`,
      'plug the device in; `chirpd devices` lists what is, and chirpd waits for it',
    );
  }
  if (!stats.isCharacterDevice()) {
    return failed(bed, `${port} is no device`, 'set port to a serial device; `chirpd devices` lists them');
  }
  try {
    // As a program opens a port that may wait for its carrier.
    closeSync(openSync(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
    return ok(bed, `${port} can be opened`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    switch (code) {
      case 'EACCES':
      case 'EPERM':
        return failed(
          bed,
          `this account may not open ${port}`,
          'as root: usermod -aG dialout ACCOUNT, and log in anew; in a service: SupplementaryGroups=dialout and DeviceAllow=',
        );
      case 'EBUSY':
        return warning(bed, `${port} is in use`, 'by chirpd itself, if it runs; else stop the program that has it');
      default:
        return failed(bed, `${port} cannot be opened: ${code}`, 'pull the device out and put it back; dmesg says more');
    }
  }
}
