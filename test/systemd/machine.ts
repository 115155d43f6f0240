import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { until } from '../until.js';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const BOOT = fileURLToPath(new URL('boot-machine.sh', import.meta.url));
/** Where `npm install --global` puts it. */
const PACKAGE = '/usr/local/lib/node_modules/chirpd';

export interface Ran {
  readonly code: number | null;
  /** Both outputs together. */
  readonly text: string;
}

/** Why no machine can be booted here; undefined where it can. */
export function noMachine(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can boot a machine';
  for (const program of ['systemctl', 'unshare', 'nsenter', 'findmnt']) {
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0) return `${program} is missing`;
  }
  if (spawnSync('findmnt', ['-t', 'cgroup2']).status !== 0) return 'no cgroup2 is mounted';
  const unshared = ['--pid', '--mount', '--ipc', '--uts', '--cgroup', '--fork', 'true'];
  return spawnSync('unshare', unshared).status === 0 ? undefined : 'no namespaces may be made here';
}

/**
 * A machine with systemd as PID 1, on the network and with the programs of this one; what it writes is lost with it. It has
 * no chirpd before `putPackage`.
 */
export class Machine {
  readonly #boot: ChildProcess;
  readonly #folder: string;
  #init = 0;

  private constructor(boot: ChildProcess, folder: string) {
    this.#boot = boot;
    this.#folder = folder;
  }

  /** @param root of another file system, which is left as it is too */
  static async boot(t: Test, root = '/'): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'chirpd-machine-'));
    const boot = spawn(BOOT, [folder, CHECKOUT, root], { stdio: ['ignore', 'ignore', 'inherit'] });
    const machine = new Machine(boot, folder);
    t.teardown(() => machine.#end());
    await until(() => machine.#findInit(), 'a PID 1', 20_000);
    const isUp = async (): Promise<boolean> => (await machine.run('systemctl is-active machine.target')).code === 0;
    await until(isUp, 'the machine to come up', 60_000);
    return machine;
  }

  /** Runs a line of shell in it. */
  run(line: string, input: Buffer | string = ''): Promise<Ran> {
    const inside = ['-t', String(this.#init), '-m', '-p', '-i', '-u', '-C', '-r', '-w'];
    return new Promise((resolve) => {
      const child = execFile(
        'nsenter',
        [...inside, 'env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'sh', '-c', line],
        { maxBuffer: 1 << 26 },
        (error, stdout, stderr) => {
          resolve({
            code: error === null ? 0 : typeof error.code === 'number' ? error.code : null,
            text: stdout + stderr,
          });
        },
      );
      // A line that reads nothing may have ended before it is given anything.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }

  /** As `run`, where it must go well. @throws Error with what it said */
  async must(line: string, input: Buffer | string = ''): Promise<string> {
    const { code, text } = await this.run(line, input);
    if (code !== 0) throw new Error(`${line}: exit code ${code}\n${text}`);
    return text.trim();
  }

  /** Puts what `npm pack` makes where `npm install --global` would, with the dependencies of the checkout. */
  async putPackage(): Promise<void> {
    const tarball = packed(join(this.#folder, 'packed'));
    await this.must(`mkdir -p ${PACKAGE} && tar -xz -C ${PACKAGE} --strip-components=1`, tarball);
    await this.must(
      `ln -sfn /mnt/node_modules ${PACKAGE}/node_modules && chmod +x ${PACKAGE}/dist/daemon/main.js && ` +
        `ln -sf ${PACKAGE}/dist/daemon/main.js /usr/local/bin/chirpd`,
    );
  }

  /** Properties of a unit, as `systemctl show` has them. */
  async show(unit: string, ...properties: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const text = await this.must(`systemctl show ${unit} -p ${properties.join(',')}`);
    const pairs = text
      .split('\n')
      .map((line): readonly [string, string] => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]);
    return Object.fromEntries(pairs);
  }

  /** The child of `unshare`. */
  #findInit(): boolean {
    const pid = String(this.#boot.pid);
    if (this.#boot.exitCode !== null) throw new Error('the machine did not boot');
    try {
      this.#init = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
      return readFileSync(`/proc/${String(this.#init)}/comm`, 'utf8').trim() === 'systemd';
    } catch {
      return false;
    }
  }

  async #end(): Promise<void> {
    const gone = once(this.#boot, 'exit');
    this.#boot.kill('SIGKILL');
    if (this.#boot.exitCode === null && this.#boot.signalCode === null) await gone;
    const group = readFileSync(join(this.#folder, 'cgroup'), 'utf8').trim();
    await until(() => removeGroups(group), 'the control groups to be empty', 20_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What `npm pack` makes of the checkout. */
export function packed(folder: string): Buffer {
  mkdirSync(folder, { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const { status, stderr } = spawnSync('npm', pack, { cwd: CHECKOUT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  return readFileSync(join(folder, readdirSync(folder)[0] ?? ''));
}

/** False while a process in it is not quite gone. */
function removeGroups(group: string): boolean {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory() && !removeGroups(join(group, entry.name))) return false;
    }
    rmdirSync(group);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
