import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { packageRoot } from '../daemon/package-root.js';

t.setTimeout(120_000);

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string; dev?: true }>>;
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
  readonly components: readonly Component[];
}

/** The command of SECURITY.md. */
function documentedCommand(): readonly string[] {
  const text = readFileSync(join(packageRoot(), 'SECURITY.md'), 'utf8');
  const command = /^npm (sbom [^>\n]+?) > \S+$/m.exec(text)?.[1];
  if (command === undefined) throw new Error('SECURITY.md names no command');
  return command.split(' ');
}

t.test('the bill of materials: all of the lock with its hashes, without a network', async (t) => {
  const folder = t.testdir();
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(packageRoot(), name), join(folder, name));
  const env = { ...process.env, npm_config_offline: 'true', npm_config_registry: 'http://127.0.0.1:1/' };
  const { stdout } = await promisify(execFile)('npm', [...documentedCommand()], {
    cwd: folder,
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  const bill = JSON.parse(stdout) as Bill;
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as Lock;
  t.equal(bill.bomFormat, 'CycloneDX');
  t.match(bill.metadata.component['bom-ref'], /^chirpd@/);
  const found = new Map(bill.components.map((component) => [`${component.name}@${component.version}`, component]));
  const isDevelopment = new Map<string, boolean>();
  for (const [path, { version, integrity = '', dev }] of Object.entries(packages)) {
    if (path === '') continue;
    const name = `${path.split('node_modules/').at(-1) ?? ''}@${version}`;
    isDevelopment.set(name, (isDevelopment.get(name) ?? true) && dev === true);
    const hash = found.get(name)?.hashes?.find(({ alg }) => alg === 'SHA-512')?.content;
    t.equal(hash, Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex'), name);
  }
  t.equal(found.size, isDevelopment.size, 'and nothing else');
  for (const [name, component] of found) {
    const marked = component.properties?.some((property) => property.name === 'cdx:npm:package:development') ?? false;
    t.ok(!marked || isDevelopment.get(name) === true, `${name} is left out by nobody who runs chirpd`);
  }
  for (const name of ['ws', 'fastify', 'lmdb', 'onnxruntime-node']) {
    t.ok(
      [...found.values()].some((component) => component.name === name && component.properties?.length === 0),
      name,
    );
  }
});

t.test('SECURITY.md names tests that there are', (t) => {
  const text = readFileSync(join(packageRoot(), 'SECURITY.md'), 'utf8');
  const named = [...new Set([...text.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, path]) => path ?? ''))];
  t.ok(named.length > 8);
  for (const path of named) t.doesNotThrow(() => readFileSync(join(packageRoot(), path)), path);
  t.end();
});
