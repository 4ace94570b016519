import { writeFileSync } from 'node:fs';
import { savedObjects } from '#elastic';

// Run with `npm run kibana` after a change of the fields, searches or panels; a test compares the file with what this writes.
const lines = savedObjects().map((object) => `${JSON.stringify(object)}\n`);
writeFileSync('docs/kibana/gatewatch.ndjson', lines.join(''));
process.stdout.write(`docs/kibana/gatewatch.ndjson: ${lines.length} saved objects\n`);
