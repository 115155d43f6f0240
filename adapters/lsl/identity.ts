import type { DeviceIdentity } from '../../pipelines/core/signal.js';
import type { LslStreamDescription } from './stream-description.js';
import { xmlText } from './xml.js';

/** Where programs put what they know of the amplifier: right into `<desc>`, or in a part of it. */
const PLACES: readonly (readonly string[])[] = [[], ['acquisition'], ['amplifier'], ['device']];

/** The amplifier, as far as the stream tells; the source id is there to tell one device from another. */
export function deviceIdentity({ desc, name, sourceId }: LslStreamDescription): DeviceIdentity {
  const stated = (...names: readonly string[]): string =>
    PLACES.flatMap((place) => names.map((field) => xmlText(desc, ...place, field))).find((text) => text !== '') ?? '';
  const model = [stated('manufacturer'), stated('model')].filter((text) => text !== '').join(' ');
  const serialNumber = stated('serial_number', 'serial') || sourceId;
  const firmware = stated('firmware', 'firmware_version');
  return {
    model: model === '' ? name : model,
    ...(serialNumber === '' ? {} : { serialNumber }),
    ...(firmware === '' ? {} : { firmware }),
  };
}
