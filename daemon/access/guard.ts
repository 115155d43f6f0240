import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { TechnicalCondition } from '../alarms/alarm-codes.js';
import { Access } from './access.js';
import { AuditLog } from './audit-log.js';
import { Certificate } from './certificate.js';
import { cookieNameOf } from './cookie.js';
import { checkExposure, type ExposureOptions, whatIsOpen } from './exposure.js';
import { Sessions } from './sessions.js';
import { Tokens } from './tokens.js';

export interface GuardOptions extends ExposureOptions {
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** File of the tokens; left out: `tokens.json` in the data folder. */
  readonly tokens?: string | undefined;
  readonly sessionHours: number;
  readonly dataDirectory: string;
  readonly log?: Pick<Logger, 'info' | 'warn' | 'error'> | undefined;
}

/** Where tokens are kept if the config does not say. */
export function tokensFileOf(tokens: string | undefined, dataDirectory: string): string {
  return tokens ?? join(dataDirectory, 'tokens.json');
}

/** All that stands between the network and the daemon: certificate, tokens, sessions, and the record of who did what. */
export class Guard {
  readonly access: Access;
  /** Undefined: plain HTTP. */
  readonly certificate: Certificate | undefined;
  readonly audit: AuditLog;
  /** What others on the network are let do because the config insists; nothing as a rule. */
  readonly #open: readonly string[];
  readonly #log: GuardOptions['log'];
  readonly #where: string;

  /** @throws ChirpdError CONFIG_EXPOSED, CONFIG_TOKENS_FILE, CONFIG_CERTIFICATE */
  constructor(options: GuardOptions) {
    const { dataDirectory, log, tls, authentication, host, port, sessionHours } = options;
    const tokens = new Tokens(tokensFileOf(options.tokens, dataDirectory), log);
    checkExposure(options, !tokens.isEmpty, tokens.file);
    this.#open = whatIsOpen(options, !tokens.isEmpty);
    this.#where = `${host}:${String(port)}`;
    this.#log = log;
    this.certificate = tls && new Certificate({ ...tls, log });
    this.audit = new AuditLog({ file: join(dataDirectory, 'audit.jsonl'), log });
    const sessions = new Sessions({ file: join(dataDirectory, 'sessions.json'), hours: sessionHours, log });
    const cookieName = cookieNameOf(port, tls !== undefined);
    this.access = new Access({ tokens, sessions, authentication, cookieName, log });
  }

  /** @param onCertificate takes a new pair over */
  start(onCertificate: (context: SecureContextOptions) => void): void {
    const text = this.#openText();
    if (text !== '') this.#log?.warn(text);
    this.certificate?.start(onCertificate);
    this.access.start();
  }

  get isInsecure(): boolean {
    return this.#openText() !== '';
  }

  stop(): void {
    this.access.stop();
    this.certificate?.stop();
  }

  /** What is wrong now. */
  conditions(): readonly TechnicalCondition[] {
    const certificate = this.certificate?.problem() ?? '';
    const tokens = this.access.tokens.problem;
    const open = this.#openText();
    const audit = this.audit.problem;
    return [
      ...(certificate === '' ? [] : [{ code: 'SERVER_CERTIFICATE', text: certificate } as const]),
      ...(tokens === ''
        ? []
        : [{ code: 'SERVER_TOKENS', text: `Tokens that were known stay in force: ${tokens}` } as const]),
      ...(open === '' ? [] : [{ code: 'SERVER_INSECURE', text: open } as const]),
      ...(audit === ''
        ? []
        : [{ code: 'AUDIT_FAILING', text: `Who changes what is not written down: ${audit}` } as const]),
    ];
  }

  #openText(): string {
    // A token that comes while the daemon runs is asked for from then on.
    const open = this.#open.filter((text) => text !== 'there is no token' || !this.access.isOn);
    if (open.length === 0) return '';
    return `Others than this machine can reach ${this.#where}, and ${open.join(', and ')}: server.insecure allows it`;
  }
}
