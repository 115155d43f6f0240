import { formatXml, parseXml, xmlChild, xmlText, type XmlElement } from './xml.js';
import { isLslFormat, type LslFormat } from './formats.js';

/** What an outlet says of its stream. Protocol versions are hundredfold: 110 is 1.10. */
export interface LslStreamDescription {
  readonly name: string;
  readonly type: string;
  readonly nChannels: number;
  readonly format: LslFormat;
  /** Made up by the sending program to find the stream again; '' where it gave none. */
  readonly sourceId: string;
  /** Hz; 0 for a stream of irregular samples. */
  readonly sampleRate: number;
  readonly protocolVersion: number;
  /** LSL clock of the sender when the outlet was made, seconds. */
  readonly createdAt: number;
  /** Of this outlet, new each time one is made. */
  readonly uid: string;
  readonly sessionId: string;
  readonly hostName: string;
  /** TCP port of the data and UDP port of the time service, IPv4; 0 where it serves none. */
  readonly dataPort: number;
  readonly servicePort: number;
  /** `<desc>`: whatever the sending program adds; empty in a short info. */
  readonly desc: XmlElement;
}

const MAX_CHANNELS = 100_000;

/** Reads a short or full stream info. @throws SyntaxError, with what is wrong */
export function parseStreamDescription(xml: string): LslStreamDescription {
  const info = parseXml(xml);
  if (info.name !== 'info') throw new SyntaxError(`a stream info begins with <info>, not <${info.name}>`);
  const format = xmlText(info, 'channel_format');
  if (!isLslFormat(format)) throw new SyntaxError(`channel format ${JSON.stringify(format)} does not exist`);
  const uid = xmlText(info, 'uid');
  const name = xmlText(info, 'name');
  if (uid === '' || name === '') throw new SyntaxError('a stream has a name and a UID');
  return {
    name,
    type: xmlText(info, 'type'),
    nChannels: wholeNumber(info, 'channel_count', MAX_CHANNELS),
    format,
    sourceId: xmlText(info, 'source_id'),
    sampleRate: number(info, 'nominal_srate'),
    protocolVersion: Math.round(number(info, 'version') * 100),
    createdAt: number(info, 'created_at'),
    uid,
    sessionId: xmlText(info, 'session_id'),
    hostName: xmlText(info, 'hostname'),
    dataPort: wholeNumber(info, 'v4data_port', 65_535),
    servicePort: wholeNumber(info, 'v4service_port', 65_535),
    desc: xmlChild(info, 'desc') ?? { name: 'desc', text: '', children: [] },
  };
}

function number(info: XmlElement, name: string): number {
  const text = xmlText(info, name);
  const value = Number(text);
  if (text === '' || !(value >= 0 && value < Infinity)) throw new SyntaxError(`<${name}> is ${JSON.stringify(text)}`);
  return value;
}

function wholeNumber(info: XmlElement, name: string, highest: number): number {
  const value = number(info, name);
  if (!Number.isInteger(value) || value > highest) throw new SyntaxError(`<${name}> is ${value}`);
  return value;
}

/** The stream info as an element, as queries look into it. */
export function streamInfoElement(description: LslStreamDescription): XmlElement {
  const fields: readonly (readonly [string, string])[] = [
    ['name', description.name],
    ['type', description.type],
    ['channel_count', String(description.nChannels)],
    ['channel_format', description.format],
    ['source_id', description.sourceId],
    ['nominal_srate', String(description.sampleRate)],
    ['version', (description.protocolVersion / 100).toFixed(2)],
    ['created_at', String(description.createdAt)],
    ['uid', description.uid],
    ['session_id', description.sessionId],
    ['hostname', description.hostName],
    ['v4address', ''],
    ['v4data_port', String(description.dataPort)],
    ['v4service_port', String(description.servicePort)],
    ['v6address', ''],
    ['v6data_port', '0'],
    ['v6service_port', '0'],
  ];
  const children = fields.map(([name, text]): XmlElement => ({ name, text, children: [] }));
  return { name: 'info', text: '', children: [...children, description.desc] };
}

/** Writes a full info, or a short one, whose `<desc>` is empty. */
export function formatStreamDescription(description: LslStreamDescription, isFull: boolean): string {
  const desc = isFull ? description.desc : { name: 'desc', text: '', children: [] };
  return `<?xml version="1.0"?>\n${formatXml(streamInfoElement({ ...description, desc }))}`;
}
