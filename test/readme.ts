export interface Known {
  readonly scripts: ReadonlySet<string>;
  readonly commands: ReadonlySet<string>;
}

/** Scripts and commands in the code spans and code blocks of a Markdown text that do not exist. */
export function unknownCommands(markdown: string, { scripts, commands }: Known): string[] {
  return codeOf(markdown).flatMap((code) => [
    ...matches(code, /\bnpm run ([\w:-]+)/g)
      .filter((name) => !scripts.has(name))
      .map((name) => `npm run ${name}`),
    ...matches(code, /\bnpm (test|start)\b/g)
      .filter((name) => !scripts.has(name))
      .map((name) => `npm ${name}`),
    ...matches(code, /(?:^|[\s$(|&;`])gatewatch(?:\.js)? ([a-z][a-z-]*)(?=$|[\s)`])/gm)
      .filter((name) => !commands.has(name))
      .map((name) => `gatewatch ${name}`),
  ]);
}

/** Fenced blocks that are read as a shell, and code spans. Output and YAML in a block are not commands. */
function codeOf(markdown: string): string[] {
  const found: string[] = [];
  const prose = markdown.replaceAll(/^ *```(\w*)[^\n]*\n([\s\S]*?)^ *```/gm, (_, language: string, code: string) => {
    if (language === 'console') found.push(...code.split('\n').filter((line) => line.startsWith('$ ')));
    else if (['sh', 'shell', 'bash'].includes(language))
      found.push(...code.split('\n').filter((line) => !line.trimStart().startsWith('#')));
    return '';
  });
  return [...found, ...matches(prose, /`([^`\n]+)`/g)];
}

/** Names of the commands that a source file defines for commander, loads by name, or has in the launcher's table of processes. */
export function commandsDefined(source: string): string[] {
  const launched = /const processes = \{(.*?)\}/s.exec(source)?.[1] ?? '';
  return [
    ...matches(source, /(?:\.command|new Command)\(\s*['"`]([a-z][\w-]*)/g),
    ...matches(source, /^ {2}'?([a-z][a-z-]*)'?: async \(\) => \(await import/gm),
    ...matches(launched, /(\w+):/g),
  ];
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found!);
}
