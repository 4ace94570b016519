import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceError } from '#telemetry';

/**
 * The folder of the rules that come with Gatewatch, one folder a rule.
 * @throws ServiceError `rules_unreadable` when the package is incomplete.
 */
export function shippedRulesDir(): string {
  return packageFolder('libs/detection/src/rules');
}

/**
 * A folder of data in the package, found from the package's root, since data are not compiled and so lie beside the sources, wherever this code runs from.
 * @throws ServiceError `rules_unreadable` when the package is incomplete.
 */
export function packageFolder(path: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest) || (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name !== 'gatewatch') continue;
    const found = join(folder, path);
    if (existsSync(found)) return found;
  }
  throw new ServiceError(
    'rules_unreadable',
    `'${path}' was not found above '${fileURLToPath(import.meta.url)}': the installation is incomplete.`,
  );
}
