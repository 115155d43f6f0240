import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { skipUnless } from '../adapters/recordings.js';
import { temporaryFolder } from '../e2e/temporary-folder.js';

/** Chromium brings a Vulkan driver that computes on the processor (SwiftShader), and a loader for it. */
const PLACES = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
const LOADER = 'libvulkan.so.1';
const DRIVER = 'libvk_swiftshader.so';
const COMPILER = '/usr/bin/cc';

const place = PLACES.find((folder) => [LOADER, DRIVER].every((file) => existsSync(join(folder, file))));

/** For tap's `skip`. */
export function skipWithoutSoftwareGpu(): string | false {
  return skipUnless(place !== undefined, `${DRIVER} (Debian package chromium)`);
}

/** For tap's `skip`: for those that lose the device. */
export function skipWithoutLosableGpu(): string | false {
  return skipWithoutSoftwareGpu() || skipUnless(existsSync(COMPILER), 'a C compiler (Debian package gcc)');
}

export interface SoftwareGpu {
  /** Processes that begin from now on do not find it; those that have it keep it. */
  unplug(): void;
  /** @param library another driver's */
  plugIn(library?: string): void;
  /** From now on the driver says of all that it is handed that the device is lost, as after a reset of a GPU. */
  lose(): void;
  /** Processes that begin from now on have one that works. */
  mend(): void;
}

/**
 * A GPU for the processes that this one starts, until the test ends.
 *
 * @param options canBeLost: it takes a compiler
 */
export function softwareGpu(t: Test, { canBeLost = false } = {}): SoftwareGpu {
  if (place === undefined) throw new Error('there is no software GPU');
  const folder = temporaryFolder(t);
  const [driver, lost] = [join(folder, 'driver.json'), join(folder, 'lost')];
  const plugIn = (library_path = join(place, DRIVER)): void => {
    const ICD = { library_path, api_version: '1.0.5' };
    writeFileSync(driver, JSON.stringify({ file_format_version: '1.0.0', ICD }));
  };
  plugIn();
  if (canBeLost) {
    const source = fileURLToPath(new URL('lost-device.c', import.meta.url));
    execFileSync(COMPILER, ['-shared', '-fPIC', '-o', join(folder, LOADER), source, '-ldl']);
  }
  setEnvironment(t, {
    VK_DRIVER_FILES: driver,
    LD_LIBRARY_PATH: canBeLost ? folder : place,
    REAL_VULKAN: join(place, LOADER),
    LOSE_DEVICE: lost,
  });
  return {
    unplug: () => {
      rmSync(driver);
    },
    plugIn,
    lose: () => {
      writeFileSync(lost, '');
    },
    mend: () => {
      rmSync(lost);
    },
  };
}

function setEnvironment(t: Test, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    t.teardown(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    });
  }
}
