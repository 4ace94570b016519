import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { copyOf, reachesBuilder, stagesOf } from './dockerfile.js';
import { filesBelow, root } from './files.js';

const text = (path: string): string => readFileSync(root + path, 'utf8');
const dockerfile = stagesOf(text('Dockerfile'));
const image = dockerfile.at(-1)!;
const of = (word: string): string[] => image.instructions.filter((each) => each.word === word).map(({ rest }) => rest);

describe('the image', () => {
  it('is built of one pinned base in stages, and runs as somebody who is not root', () => {
    expect(dockerfile.length).toBe(3);
    for (const { base } of dockerfile) expect(base).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
    expect(Number(/^node:(\d+)/.exec(image.base)![1])).toBeGreaterThanOrEqual(20);
    expect(of('USER')).toEqual(['1000:1000']);
    expect(of('ENTRYPOINT')).toEqual(['["node", "/app/bin/gatewatch.js"]']);
    expect(of('HEALTHCHECK').join()).toContain('CMD ["node", "/app/deploy/health.mjs"]');
    expect(of('LABEL').join()).toMatch(/org\.opencontainers\.image\.title=.*licenses="Apache-2\.0"/);
    expect(text('Dockerfile')).not.toMatch(/PASSWORD|SECRET|TOKEN|_KEY/);
  });

  it('installs by the lock file, without development packages in what runs', () => {
    const installs = dockerfile.flatMap(({ name, instructions }) =>
      instructions.filter(({ rest }) => rest.includes('npm ')).map(({ rest }) => `${name}: ${rest}`),
    );
    expect(installs).toEqual(['build: npm ci', 'build: npm run build', 'dependencies: npm ci --omit=dev']);
  });

  it('copies what there is and what .dockerignore lets through', () => {
    const ignore = text('.dockerignore');
    const taken = dockerfile.flatMap(({ instructions }) => instructions.filter(({ word }) => word === 'COPY').map(copyOf));
    for (const { from, sources } of taken) {
      if (from) expect(dockerfile.map(({ name }) => name)).toContain(from);
      else
        for (const source of sources) {
          expect(existsSync(root + source), source).toBe(true);
          expect(reachesBuilder(source, ignore), source).toBe(true);
        }
    }
    const needed = filesBelow('libs', '.ts').filter((file) => !/\.(spec|contract)\.ts$/.test(file));
    expect(needed.filter((file) => !reachesBuilder(file, ignore))).toEqual([]);
    for (const secret of [
      '.env',
      'apps/.env',
      'libs/kafka/client.key',
      'node_modules/zod/package.json',
      'data/keys.json',
      '.git/config',
      'deploy/gatewatch.yml',
    ])
      expect(reachesBuilder(secret, ignore), secret).toBe(false);
  });

  it('has every folder of the package that is read as data', () => {
    const asked = filesBelow('libs', '.ts').flatMap((file) =>
      [...text(file).matchAll(/packageFolder\('([^']+)'\)/g)].map(([, folder]) => folder!),
    );
    expect(asked.length).toBeGreaterThan(0);
    const copied = image.instructions.filter(({ word }) => word === 'COPY').map(copyOf);
    for (const folder of asked) expect(copied).toContainEqual({ from: undefined, sources: [folder], target: `./${folder}` });
  });
});

describe('the checks themselves', () => {
  it('read a .dockerignore as Docker does', () => {
    const ignore = '*\n!apps\n**/*.key\n# a comment\n';
    expect(['apps', 'apps/a.ts', 'apps/b/c.key', 'libs/a.ts', 'a.key'].map((path) => reachesBuilder(path, ignore))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('refuse what is no instruction', () => {
    expect(() => stagesOf('FROM a\nRNU b')).toThrow('no instruction');
    expect(() => stagesOf('RUN a\nFROM b')).toThrow('before the first FROM');
  });
});
