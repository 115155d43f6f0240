import { isIPv4 } from 'node:net';
import { ChirpdError } from '../../pipelines/core/errors.js';

/** What of the config says who may reach the daemon. */
export interface ExposureOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: unknown;
  readonly authentication?: 'tokens' | 'none' | undefined;
  readonly insecure?: boolean | undefined;
}

/** Whether only programs on this machine get to an address. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIPv4(name) && name.startsWith('127.');
}

/** What a daemon that others can reach lacks, for people; nothing where it lacks nothing or nobody can. */
export function whatIsOpen(options: ExposureOptions, hasTokens: boolean): readonly string[] {
  if (isLoopback(options.host)) return [];
  return [
    ...(options.tls === undefined ? ['everything goes over the network as plain text (no server.tls)'] : []),
    ...(options.authentication === 'none'
      ? ['nobody is asked for a token (server.authentication: none)']
      : hasTokens
        ? []
        : ['there is no token']),
  ];
}

/**
 * Refuses to let everybody on a network at patients' data, unless `insecure` says so.
 * @param tokensFile where tokens are looked for
 * @throws ChirpdError CONFIG_EXPOSED
 */
export function checkExposure(options: ExposureOptions, hasTokens: boolean, tokensFile: string): void {
  const open = whatIsOpen(options, hasTokens);
  if (open.length === 0 || options.insecure === true) return;
  const remedies = [
    ...(options.tls === undefined ? ['give it a certificate: server.tls: { certificate: FILE, key: FILE }'] : []),
    ...(options.authentication === 'none' ? ['leave server.authentication out'] : []),
    ...(hasTokens ? [] : [`make a token: chirpd token add NAME --role administer --tokens ${tokensFile}`]),
  ];
  const text =
    `others than this machine can reach ${options.host}, and ${open.join(', and ')}. ` +
    `Listen on 127.0.0.1 (server.host), or ${remedies.join(', and ')}. ` +
    'Where the network itself keeps others out: server.insecure: true';
  throw new ChirpdError('CONFIG_EXPOSED', text);
}
