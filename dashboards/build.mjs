import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const source = join(dirname(fileURLToPath(import.meta.url)), 'web');
const PLAIN_FILES = [
  'index.html',
  ...[
    'board.css',
    'alarms.css',
    'alarmRules.css',
    'bedView.css',
    'session.css',
    'timeline.css',
    'eventLabel.css',
    'replay.css',
  ],
  ...['favicon.svg', 'favicon-high.svg', 'favicon-medium.svg', 'favicon-low.svg'],
];

/**
 * Builds the board: its page, scripts, style sheets and icons, all that it needs and nothing from elsewhere.
 *
 * @param {string} [outputDirectory] by default dist/dashboards/web of the project
 * @returns {Promise<string>} the directory written
 */
export async function buildBoard(outputDirectory = join(source, '../../dist/dashboards/web')) {
  await mkdir(outputDirectory, { recursive: true });
  await build({
    // alarmTicker.js is a worker of its own.
    entryPoints: { board: join(source, 'main.ts'), alarmTicker: join(source, 'alarmTicker.ts') },
    outdir: outputDirectory,
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
