// What the compiler leaves behind: rules and other data that code finds beside itself go to the same place below dist/.
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const asset = /\.(yml|yaml|json|eta|html|css|svg|txt)$/;
const leftOut = new Set(['node_modules', 'fixtures', '__snapshots__']);

function copyBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!leftOut.has(entry.name)) copyBelow(path);
    } else if (asset.test(entry.name) && !entry.name.includes('.expected.')) {
      cpSync(path, join('dist', path));
    }
  }
}

copyBelow('apps');
copyBelow('libs');
