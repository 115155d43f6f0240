import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** An authority, and certificates of it for this machine, made by openssl. */
export class Authority {
  /** PEM file. */
  readonly ca: string;
  readonly #folder: string;
  #n = 0;

  constructor(folder: string, name = 'Test authority') {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.ca = join(folder, 'ca.crt');
    openssl([
      'req',
      '-x509',
      ...newKey(join(folder, 'ca.key')),
      '-out',
      this.ca,
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
    ]);
  }

  /** Another certificate for localhost each time. */
  issue(name: string, days = 30): CertificateFiles {
    const [key, request, certificate] = ['key', 'csr', 'crt'].map((end) => join(this.#folder, `${name}.${end}`));
    if (key === undefined || request === undefined || certificate === undefined) throw new Error();
    openssl(['req', ...newKey(key), '-out', request, '-subj', `/CN=${name}`]);
    const extensions = join(this.#folder, `${name}.ext`);
    writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
    const signed = ['-CA', this.ca, '-CAkey', join(this.#folder, 'ca.key'), '-set_serial', String(1000 + this.#n++)];
    openssl([
      'x509',
      '-req',
      '-in',
      request,
      ...signed,
      '-days',
      String(days),
      '-extfile',
      extensions,
      '-out',
      certificate,
    ]);
    return { certificate, key };
  }
}

/** Puts a pair in the place of another, one file after the other. */
export function putInPlace(from: CertificateFiles, to: CertificateFiles): void {
  renameSync(from.certificate, to.certificate);
  renameSync(from.key, to.key);
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
