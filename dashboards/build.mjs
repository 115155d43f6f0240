import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const source = join(dirname(fileURLToPath(import.meta.url)), 'web');
const PLAIN_FILES = ['index.html', 'board.css', 'favicon.svg'];

/**
 * Builds the board: index.html, board.js, board.css and favicon.svg, all that the page needs and nothing from elsewhere.
 *
 * @param {string} [outputDirectory] by default dist/dashboards/web of the project
 * @returns {Promise<string>} the directory written
 */
export async function buildBoard(outputDirectory = join(source, '../../dist/dashboards/web')) {
  await mkdir(outputDirectory, { recursive: true });
  await build({
    entryPoints: [join(source, 'main.ts')],
    outfile: join(outputDirectory, 'board.js'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2023'],
    minify: true,
    legalComments: 'inline',
    logLevel: 'warning',
    // The usual msgpackr tries `new Function`, which the page's content security policy forbids and reports.
    alias: { msgpackr: 'msgpackr/index-no-eval' },
  });
  await Promise.all(PLAIN_FILES.map((name) => copyFile(join(source, name), join(outputDirectory, name))));
  return outputDirectory;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(`board built in ${await buildBoard()}`);
}
