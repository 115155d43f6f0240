import { Pusher } from '../../../daemon/client/node.js';
import { RampSource } from './ramp-source.js';

/** A gateway as a process of its own: URL, channels, rate, seconds. Says on stdout how many samples it has sent. */
const [url = '', channels = '', rate = '', seconds = ''] = process.argv.slice(2);
const nChannels = Number(channels);
const pusher = new Pusher({
  url,
  bed: 'bed-1',
  channels: Array.from({ length: nChannels }, (_, i) => `E${i + 1}`),
  sampleRate: Number(rate),
  source: 'a gateway',
});
await pusher.ready();
const source = new RampSource(pusher, nChannels, Number(rate), 50);
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
source.stop();
const nSent = pusher.nextSample;
await pusher.close();
process.stdout.write(`${JSON.stringify({ nSent, ...pusher.figures })}\n`);
