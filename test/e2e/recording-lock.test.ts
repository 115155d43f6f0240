import { join } from 'node:path';
import t from 'tap';
import type { RecordingEntry } from '../../daemon/recording/recorder.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);

t.test('two daemons do not record into one folder; after a SIGKILL the next one takes it', async (t) => {
  const folder = temporaryFolder(t);
  const adapter = { kind: 'synthetic', nChannels: 2, sampleRate: 128 } as const;
  const config = writeConfig(folder, 'shared', {
    recording: { folder: join(folder, 'recordings') },
    beds: [{ name: 'bed', adapter, montage: ['Fp1-Fp2'] }],
  });
  const start = (data: string): DaemonProcess => {
    const daemon = new DaemonProcess(runArguments(config, join(folder, data)));
    t.teardown(() => daemon.kill());
    return daemon;
  };
  const first = start('one');
  const address = await first.ready();
  const second = start('two');
  t.equal((await second.exited).code, 6);
  t.match(second.stderr, /is in use by process \d+\. .*\[SINK_RECORDING_IN_USE\]/);
  t.match(second.stderr, `process ${String(first.pid)}.`);

  let recorded: RecordingEntry | undefined;
  while ((recorded?.endTimeMicros ?? 0) - (recorded?.startTimeMicros ?? 0) < 2e6) {
    const answer = await fetch(new URL('/v1/recordings', address));
    recorded = ((await answer.json()) as { readonly recordings: readonly RecordingEntry[] }).recordings[0];
  }
  t.equal((await first.kill()).signal, 'SIGKILL');

  const third = start('two');
  const answer = await fetch(new URL('/v1/recordings', await third.ready()));
  const { recordings } = (await answer.json()) as { readonly recordings: readonly RecordingEntry[] };
  const kept = recordings.find(({ file }) => file === recorded?.file);
  t.ok((kept?.endTimeMicros ?? 0) >= recorded!.endTimeMicros, 'what was told as recorded is there');
  t.match(third.complaints().join('\n'), /not closed repaired/);
  third.signal('SIGTERM');
  t.equal((await third.exited).code, 0);
});
