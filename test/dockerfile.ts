export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** A stage of a Dockerfile and what is done in it. */
export interface Stage {
  readonly base: string;
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

const words = new Set([
  'FROM',
  'ARG',
  'RUN',
  'COPY',
  'WORKDIR',
  'ENV',
  'LABEL',
  'USER',
  'EXPOSE',
  'HEALTHCHECK',
  'ENTRYPOINT',
  'CMD',
  'STOPSIGNAL',
  'VOLUME',
]);

/** @throws Error at an instruction that Docker does not know, and at one that stands before the first stage and is not ARG. */
export function stagesOf(text: string): Stage[] {
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  const globals = new Map<string, string>();
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim());
  for (const line of lines) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (!word || !words.has(word)) throw new Error(`no instruction of Docker: ${line}`);
    if (word === 'FROM') {
      const [, image, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest!) ?? [];
      if (!image) throw new Error(`no base image: ${line}`);
      stages.push({ base: image.replaceAll(/\$\{(\w+)\}/g, (_, own: string) => globals.get(own) ?? ''), name, instructions: [] });
    } else if (stages.length) stages.at(-1)!.instructions.push({ word, rest: rest! });
    else if (word === 'ARG') globals.set(rest!.split('=')[0]!, rest!.split('=')[1] ?? '');
    else throw new Error(`before the first FROM: ${line}`);
  }
  return stages;
}

/** Sources and target of a COPY, and the stage it takes them from. */
export function copyOf({ rest }: Instruction): { from?: string; sources: string[]; target: string } {
  const parts = rest.split(/\s+/);
  const from = parts.find((part) => part.startsWith('--from='))?.slice('--from='.length);
  const paths = parts.filter((part) => !part.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1)! };
}

/** Whether a path reaches the builder, by the rules of a `.dockerignore`: the last line that fits decides. */
export function reachesBuilder(path: string, ignore: string): boolean {
  let taken = true;
  for (const line of ignore.split('\n').map((each) => each.trim())) {
    if (!line || line.startsWith('#')) continue;
    const negated = line.startsWith('!');
    const pattern = line.replace(/^!/, '').replace(/^\/|\/$/g, '');
    if (fits(path, pattern)) taken = negated;
  }
  return taken;
}

/** A pattern fits a path, or a folder above it. */
function fits(path: string, pattern: string): boolean {
  const source = pattern
    .split('/')
    .map((part) =>
      part === '**'
        ? '(?:.*/)?'
        : `${part
            .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]')}/`,
    )
    .join('')
    .replace(/\/$/, '');
  return new RegExp(`^${source}(?:/.*)?$`).test(path);
}
