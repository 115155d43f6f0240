import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { fileStamp } from '../file-stamp.js';

export interface CertificateOptions {
  /** PEM file: the certificate, then those between it and the authority's. */
  readonly certificate: string;
  /** PEM file. */
  readonly key: string;
  readonly log?: Pick<Logger, 'info' | 'error'> | undefined;
}

const LOOK_EVERY_MS = 1000;
const DAY_MS = 86_400_000;
/** Told so long before a certificate ends. */
const WARN_DAYS = 14;

/** TLS 1.2 and up, with forward secrecy and authenticated encryption alone. */
const SETTINGS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
    ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ].join(':'),
} as const satisfies SecureContextOptions;

interface Pair {
  readonly context: SecureContextOptions;
  readonly endsMs: number;
}

/** Certificate and key of the server, read anew when their files change. A pair that does not fit leaves the old one in use. */
export class Certificate {
  readonly #options: CertificateOptions;
  #pair: Pair;
  #usedStamp: string;
  #seenStamp: string;
  #problem = '';
  #timer: NodeJS.Timeout | undefined;

  /** @throws ChirpdError CONFIG_CERTIFICATE where the pair cannot be used at the start */
  constructor(options: CertificateOptions) {
    this.#options = options;
    this.#usedStamp = this.#seenStamp = this.#stamp();
    this.#pair = readPair(options);
  }

  /** For a TLS server that begins. */
  get context(): SecureContextOptions {
    return this.#pair.context;
  }

  /** @param onChange given the new pair; connections that there are go on as they are */
  start(onChange: (context: SecureContextOptions) => void): void {
    this.#timer = setInterval(() => {
      this.#look(onChange);
    }, LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What a person has to do something about; '' while there is nothing. */
  problem(): string {
    if (this.#problem !== '') return `The new certificate is not used, and the old one goes on: ${this.#problem}`;
    const { endsMs } = this.#pair;
    if (Date.now() < endsMs - WARN_DAYS * DAY_MS) return '';
    const day = new Date(endsMs).toISOString().slice(0, 10);
    const isOver = Date.now() > endsMs;
    return `The certificate ${isOver ? 'ended' : 'ends'} on ${day}: nobody gets in ${isOver ? '' : 'after that '}until there is a new one`;
  }

  /** Two files are replaced one after the other: the pair is read when neither has changed for a look. */
  #look(onChange: (context: SecureContextOptions) => void): void {
    const stamp = this.#stamp();
    const isSettled = stamp === this.#seenStamp;
    this.#seenStamp = stamp;
    if (stamp === this.#usedStamp || !isSettled) return;
    this.#usedStamp = stamp;
    try {
      this.#pair = readPair(this.#options);
      onChange(this.#pair.context);
      this.#problem = '';
      this.#options.log?.info({ ends: new Date(this.#pair.endsMs).toISOString() }, 'New certificate in use');
    } catch (error) {
      this.#problem = errorText(error);
      this.#options.log?.error({ problem: this.#problem }, 'New certificate refused; the old one stays in use');
    }
  }

  #stamp(): string {
    return `${fileStamp(this.#options.certificate)}\n${fileStamp(this.#options.key)}`;
  }
}

function readPair({ certificate, key }: CertificateOptions): Pair {
  try {
    const [cert, keyText] = [readFileSync(certificate), readFileSync(key)];
    const context = { ...SETTINGS, cert, key: keyText };
    // Says so where the key is another certificate's.
    createSecureContext(context);
    return { context, endsMs: Date.parse(new X509Certificate(cert).validTo) };
  } catch (error) {
    const text = `${certificate} and ${key} cannot be used for TLS: ${errorText(error)}`;
    throw new ChirpdError('CONFIG_CERTIFICATE', text, { cause: error });
  }
}
