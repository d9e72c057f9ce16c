import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { allowed } from '../support/programs.ts';

/** Debian's Python, which finds Debian's packages: `.ci/run` installs python3-torch and python3-onnx for it. */
const python = '/usr/bin/python3';

/** Whether Python has a module. */
export function hasPythonModule(name: string): boolean {
  const looked = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${name}') is None)`;
  return allowed(spawnSync(python, ['-c', looked]).status === 0, `python3-${name}`);
}

/** Runs a script that lies beside the tests of exporters; returns what it printed. */
export function runPython(script: string, ...given: readonly string[]): string {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return execFileSync(python, [path, ...given], { encoding: 'utf8', maxBuffer: 2 ** 28 });
}
