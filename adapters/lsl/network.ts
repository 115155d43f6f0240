import { networkInterfaces } from 'node:os';
import { z } from 'zod';

/** How far a search for streams goes; each scope includes the ones before it. */
const SCOPES = ['machine', 'link', 'site'] as const;

/** Addresses that outlets listen at, and how many routers a search passes, by scope: liblsl's own. */
const SCOPE_ADDRESSES: Readonly<Record<(typeof SCOPES)[number], readonly string[]>> = {
  machine: ['127.0.0.1'],
  link: ['255.255.255.255', '224.0.0.1', '224.0.0.183'],
  site: ['239.255.172.215'],
};
const SCOPE_TTL: Readonly<Record<(typeof SCOPES)[number], number>> = { machine: 0, link: 1, site: 24 };

const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const addressList = z.array(z.string().regex(ADDRESS, 'an IPv4 address')).max(64).default([]);

/** Options that both ends of a stream have in common; they must be the same on all machines of a laboratory. */
export const lslNetworkShape = {
  session: z
    .string()
    .max(256)
    .regex(/^[^'\p{C}]*$/u, 'no quote and no control characters')
    .default('default')
    .describe('LSL session id: streams of other sessions are not seen (SessionID of lsl_api.cfg).'),
  scope: z
    .enum(SCOPES)
    .default('site')
    .describe('How far to look, and to be seen: machine, link (this network) or site (routers that pass multicast).'),
  addresses: addressList.describe('Multicast or broadcast addresses in place of those of scope.'),
  interfaces: addressList.describe("Addresses of this machine's network interfaces to use. Left out: all."),
  multicastPort: z.int().min(1).max(65535).default(16571).describe('UDP port where outlets are looked for.'),
  basePort: z.int().min(1).max(65504).default(16572).describe('First of the 32 ports that outlets serve at.'),
};

/** Ports from `basePort` on that an outlet takes one of. */
export const PORT_RANGE = 32;

export interface LslNetwork {
  readonly session: string;
  readonly scope: (typeof SCOPES)[number];
  readonly addresses: readonly string[];
  readonly interfaces: readonly string[];
  readonly multicastPort: number;
  readonly basePort: number;
}

/** The addresses that a search goes to. */
export function searchAddresses({ scope, addresses }: LslNetwork): readonly string[] {
  if (addresses.length > 0) return addresses;
  return SCOPES.slice(0, SCOPES.indexOf(scope) + 1).flatMap((reached) => SCOPE_ADDRESSES[reached]);
}

export function multicastTtl({ scope }: LslNetwork): number {
  return SCOPE_TTL[scope];
}

export function isMulticast(address: string): boolean {
  const first = Number(address.split('.')[0]);
  return first >= 224 && first <= 239;
}

/** IPv4 addresses of the interfaces that multicast goes through. */
export function multicastInterfaces({ interfaces }: LslNetwork): readonly string[] {
  if (interfaces.length > 0) return interfaces;
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ family, address }) => (family === 'IPv4' ? [address] : [])),
  );
}
