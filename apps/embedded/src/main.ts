import { processIo } from './commands/io.js';
import { runCommand } from './commands/commands.js';

process.exitCode = await runCommand(process.argv.slice(2), processIo());
