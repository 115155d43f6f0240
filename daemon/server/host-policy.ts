import { isIP } from 'node:net';
import { hostname } from 'node:os';

export interface HostPolicyOptions {
  /** Host names under which the daemon is reached, beside localhost, addresses and this machine's own name. */
  readonly allowedHosts?: readonly string[];
  /** Origins of other sites whose pages may connect, as `https://board.example`. */
  readonly allowedOrigins?: readonly string[];
  /** Whether the daemon itself speaks TLS: then no page that came without is its own. */
  readonly isTls?: boolean;
}

/**
 * Which browsers may talk to the daemon. A page of another site must not read a patient's data through the visitor's
 * browser: neither by opening a WebSocket (cross-site WebSocket hijacking), nor by pointing its own name at this
 * machine (DNS rebinding).
 */
export class HostPolicy {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #isTls: boolean;
  readonly #machine = hostname().toLowerCase().split('.')[0] ?? '';

  constructor(options: HostPolicyOptions = {}) {
    this.#hosts = new Set(options.allowedHosts?.map((host) => host.toLowerCase()));
    this.#origins = new Set(options.allowedOrigins);
    this.#isTls = options.isTls ?? false;
  }

  /** Whether a request's `Host` header names this daemon. */
  allowsHost(host: string | undefined): boolean {
    const name = hostName(host);
    if (name === undefined) return false;
    if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true;
    return this.#hosts.has(name) || (this.#machine !== '' && name.split('.')[0] === this.#machine);
  }

  /** Whether a page of `origin` may open a WebSocket. Programs that are no browsers send no origin. */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.#origins.has(origin)) return true;
    if (!URL.canParse(origin)) return false;
    const page = new URL(origin);
    // Whoever stands in between can make up a page that came without TLS.
    if (this.#isTls && page.protocol !== 'https:') return false;
    return page.host === hostWithPort(host, page.protocol) && this.allowsHost(host);
  }
}

/** As `URL.host` has it: without the port that the scheme has anyway. */
function hostWithPort(host: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${host ?? ''}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/** The name or address in a `Host` header, without brackets and port. */
function hostName(host: string | undefined): string | undefined {
  const url = `http://${host ?? ''}`;
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
