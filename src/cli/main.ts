#!/usr/bin/env node
import { runProgram } from './program.ts';

// The reader of a pipe may have seen enough, such as `head`: what is computed goes to files, so the
// command continues to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const exitCode = await runProgram(process.argv.slice(2), process);
if (exitCode !== undefined) process.exitCode = exitCode;
