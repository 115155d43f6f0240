import type { Part } from '../supervisor.js';
import type { InfluxForwarderOptions, InfluxForwarder } from './forwarder.js';

export interface InfluxPartOptions extends Omit<InfluxForwarderOptions, 'timeline'> {
  readonly timeline: () => InfluxForwarderOptions['timeline'];
  readonly onForwarder: (forwarder: InfluxForwarder) => void;
}

/** What is sent to InfluxDB. Its code is loaded when it is wanted. */
export function influxPart({ timeline, onForwarder, ...options }: InfluxPartOptions): Part {
  let forwarder: InfluxForwarder | undefined;
  return {
    name: 'influx',
    start: async () => {
      const { InfluxForwarder } = await import('./forwarder.js');
      forwarder = new InfluxForwarder({ ...options, timeline: timeline() });
      onForwarder(forwarder);
      forwarder.start();
    },
    stop: () => forwarder?.stop(),
  };
}
