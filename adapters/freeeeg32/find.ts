import type { FindDevices } from '../adapter.js';
import { listPorts, portsLike } from '../serial/find-ports.js';

/** Its microcontroller's own USB: STM32, virtual serial port. */
const FREEEEG32_MARKS = [{ vendorId: '0483', productId: '5740' }];

export const findFreeEeg32: FindDevices = async (signal) =>
  portsLike(await listPorts(signal), 'possibly a FreeEEG32', FREEEEG32_MARKS);
