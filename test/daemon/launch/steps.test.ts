import t from 'tap';
import { runProgram, StepError } from '../../../daemon/launch/steps.mjs';

const node = (program: string, options: Parameters<typeof runProgram>[2]) =>
  runProgram(process.execPath, ['-e', program], options);

t.test('a quiet program gives its output, and shows it where it fails', async (t) => {
  t.equal(await node('console.log("one")', { quiet: true }), 'one\n');
  await t.rejects(node('console.log("one"); console.error("two"); process.exit(3)', { quiet: true }), {
    constructor: StepError,
    message: /ended with exit code 3\none\ntwo$/,
  });
});

t.test('a build that fails tells its errors, and not the files that it wrote', async (t) => {
  const program = 'console.log("TSFILE: a.js\\ndaemon/main.ts(1,2): error TS1: no\\nTSFILE: b.js"); process.exit(2)';
  const failed = node(program, { quiet: true, hide: /^TSFILE: / });
  await t.rejects(failed, { message: /ended with exit code 2\ndaemon\/main\.ts\(1,2\): error TS1: no$/ });
});
