// Gatewatch with its demo traffic, started again after each change that compiles. Data of its own, below .cache/.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';

mkdirSync('.cache/dev', { recursive: true });
const run = (args) => spawn(process.execPath, args, { stdio: 'inherit' });
const running = [
  run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput']),
  run(['--watch', '--watch-preserve-output', 'bin/gatewatch.js', 'start', '--demo', '--data', '.cache/dev', ...process.argv.slice(2)]),
];

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
  });
}
for (const child of running) {
  child.on('exit', () => {
    for (const other of running) other.kill('SIGTERM');
  });
}
