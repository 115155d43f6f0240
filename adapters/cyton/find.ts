import type { FindDevices } from '../adapter.js';
import { listPorts, portsLike } from '../serial/find-ports.js';

/** The dongle's USB chip: FTDI FT231X. Other things have it too; only asking a port would tell, and might disturb them. */
export const CYTON_MARKS = [{ vendorId: '0403', productId: '6015' }];

export const findCyton: FindDevices = async (signal) =>
  portsLike(await listPorts(signal), 'possibly an OpenBCI Cyton', CYTON_MARKS);
