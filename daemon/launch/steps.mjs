import { spawn } from 'node:child_process';

/** Prints one line about what is being done, on stderr: stdout belongs to the command that follows. */
export function say(text) {
  process.stderr.write(`[chirpd] ${text}\n`);
}

/** Does one step, saying what it is and how long it took. */
export async function step(title, work) {
  const started = performance.now();
  say(`${title} ...`);
  const result = await work();
  say(`${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** A step that failed: the message is for the person who typed the command. */
export class StepError extends Error {}

/**
 * Runs a program to its end.
 * @param options.quiet keep its output back, and show it only if it fails
 * @param options.hide lines like this are not shown even then
 * @returns its standard output (empty unless quiet)
 * @throws {StepError} if it cannot be started or exits with another code than 0
 */
export function runProgram(file, args, { cwd, quiet = false, hide, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', quiet ? 'pipe' : 2, quiet ? 'pipe' : 2] });
    let out = '';
    let all = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
      all += chunk;
    });
    child.stderr?.on('data', (chunk) => (all += chunk));
    child.on('error', (error) => reject(new StepError(`cannot run ${file}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(out);
      const ending = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const told = all
        .split('\n')
        .filter((line) => hide?.test(line) !== true)
        .join('\n')
        .trimEnd();
      reject(new StepError(`${file} ${args.join(' ')} ended with ${ending}${told === '' ? '' : `\n${told}`}`));
    });
  });
}
