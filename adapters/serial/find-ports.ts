import { SerialPort } from 'serialport';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { FoundDevice } from '../adapter.js';

/** How a device's serial port is known on USB; what is left out matches any. */
export interface UsbMark {
  /** Hexadecimal, lower case, without 0x. */
  readonly vendorId: string;
  readonly productId?: string;
}

export interface PortInfo {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  /** On Linux, the name under /dev/serial/by-id. */
  readonly pnpId?: string | undefined;
}

/** Ports that may be a device of this title, as config options: a name that stays the same after replugging, if any. */
export function portsLike(
  ports: readonly PortInfo[],
  title: string,
  marks: readonly UsbMark[],
): readonly FoundDevice[] {
  return ports
    .filter((port) => marks.some((mark) => isLike(port, mark)))
    .map(({ path, manufacturer, serialNumber, pnpId }) => {
      const who = [manufacturer, serialNumber].filter((text) => text !== undefined && text !== '').join(' ');
      const isById = pnpId !== undefined && path.startsWith('/dev/');
      return {
        title: `${title} on ${path}${who === '' ? '' : ` (${who})`}`,
        options: { port: isById ? `/dev/serial/by-id/${pnpId}` : path },
      };
    });
}

function isLike({ vendorId, productId }: PortInfo, mark: UsbMark): boolean {
  if (vendorId?.toLowerCase() !== mark.vendorId) return false;
  return mark.productId === undefined || productId?.toLowerCase() === mark.productId;
}

/** @throws ChirpdError ADAPTER_SERIAL_LIST */
export async function listPorts(signal: AbortSignal): Promise<readonly PortInfo[]> {
  try {
    signal.throwIfAborted();
    return await SerialPort.list();
  } catch (cause) {
    const text = errorText(cause);
    const advice = /udevadm/.test(text) ? 'udevadm is not there (Debian: apt-get install udev)' : text;
    throw new ChirpdError('ADAPTER_SERIAL_LIST', `cannot list the serial ports: ${advice}`, { cause });
  }
}
