import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../../daemon/package-root.js';

/** What `make_golden.py` wrote. */
export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(join(packageRoot(), 'test/daemon/score/golden', name), 'utf8'));
}
