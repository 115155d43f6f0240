// Bundles the daemon: a start that reads a few files has its beds stream sooner than one that resolves and reads 1,200. Part of the build.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Native code, and packages that look for files of their own beside their code. */
const LEFT_OUT = ['lmdb', 'msgpackr', 'onnxruntime-node', 'serialport', '@serialport/*'];
/** What the code of CommonJS packages calls. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Writes dist/daemon/main.js and dist/chunks: what is imported when it is needed is a chunk of its own.
 *
 * @param {string} root of the checkout
 */
export async function bundleDaemon(root) {
  const chunks = join(root, 'dist/chunks');
  rmSync(chunks, { recursive: true, force: true });
  rmSync(join(root, 'dist/daemon/main.js.map'), { force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { 'daemon/main': 'daemon/main.ts' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.11',
    external: LEFT_OUT,
    // The same rxjs as modules: what nobody uses stays away.
    alias: { rxjs: join(root, 'node_modules/rxjs/dist/esm/index.js') },
    banner: { js: REQUIRE },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), licencesOf(root, Object.keys(metafile.inputs)));
}

/** The licence of each package of which there is code in the bundle, as its authors ask for. */
function licencesOf(root, inputs) {
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    const texts = files.sort().map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}`;
  });
  return `Code of these packages is part of dist/daemon/main.js and dist/chunks.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await bundleDaemon(fileURLToPath(new URL('../..', import.meta.url)));
}
