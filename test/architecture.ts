import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';
import { homelessNames, maxLines, mayImport, mayImportTypes, owners, testPackages, type Law } from './law.js';

/** One place where a law is broken. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly law: Law;
  readonly message: string;
}

interface Import {
  readonly to: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

/** Checks one source file. `file` is its path from the root, with `/`. */
export function check(file: string, text: string = readFileSync(file, 'utf8')): Violation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const violations = [...checkName(file), ...checkSize(file, text)];
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const visit = (node: ts.Node): void => {
    const imported = importOf(node, lineOf);
    if (imported) violations.push(...checkImport(file, imported));
    violations.push(...checkNode(file, node).map((violation) => ({ file, line: lineOf(node), ...violation })));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return violations;
}

/** Circles of files that import each other, types included, each as `one -> other -> one`. */
export function circles(texts: ReadonlyMap<string, string>): string[] {
  const imports = new Map([...texts].map(([file, text]) => [file, importedFiles(file, text).filter((to) => texts.has(to))]));
  const found: string[] = [];
  const path: string[] = [];
  const done = new Set<string>();
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(' -> '));
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const to of imports.get(file)!) visit(to);
    path.pop();
    done.add(file);
  };
  for (const file of texts.keys()) visit(file);
  return found;
}

function importedFiles(file: string, text: string): string[] {
  return ts
    .preProcessFile(text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)).replace(/\.js$/, '.ts'));
}

/** `file:line  law: message`, one a line. */
export function report(violations: readonly Violation[]): string {
  return violations.map(({ file, line, law, message }) => `${file}:${line}  ${law}: ${message}`).join('\n');
}

function importOf(node: ts.Node, lineOf: (node: ts.Node) => number): Import | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { to: node.moduleSpecifier.text, line: lineOf(node), typeOnly: isTypeOnly(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    const named = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined;
    return { to: node.moduleSpecifier.text, line: lineOf(node), typeOnly: node.isTypeOnly || !!named?.every((one) => one.isTypeOnly) };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { to: node.argument.literal.text, line: lineOf(node), typeOnly: true };
  }
  const isCall =
    ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require');
  const [target] = isCall ? node.arguments : [];
  return target && ts.isStringLiteralLike(target) ? { to: target.text, line: lineOf(node), typeOnly: false } : undefined;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.length > 0 && named.elements.every((one) => one.isTypeOnly);
}

export function isTest(file: string): boolean {
  return /\.(spec|contract|e2e-spec)\.ts$/.test(file) || file.startsWith('libs/testkit/');
}

function checkImport(file: string, { to, line, typeOnly }: Import): Violation[] {
  const broken = (law: Law, message: string): Violation[] => [{ file, line, law, message }];
  if (to.startsWith('.')) return checkRelative(file, to, broken);
  if (to.startsWith('#')) return checkDoor(file, { to, line, typeOnly }, broken);
  if (to.startsWith('node:')) return [];
  if (builtinModules.includes(to)) return broken('package', `write \`node:${to}\``);
  return checkPackage(file, packageOf(to), broken);
}

type Broken = (law: Law, message: string) => Violation[];

function checkRelative(file: string, to: string, broken: Broken): Violation[] {
  const target = normalize(join(dirname(file), to));
  const [from, there] = [homeOf(file), homeOf(target)];
  if (from !== there) {
    const isModule = file.startsWith('apps/embedded/') && /^apps\/[^/]+\/src\/[^/]+\.module\.js$/.test(target);
    // An adapter's spec runs the contract suite that stands beside the port.
    const isContract = isTest(file) && target.endsWith('.contract.js');
    return isModule || isContract
      ? []
      : broken('import', `${from} reaches into ${there}: go through its door (\`#${there.split('/')[1]}\`)`);
  }
  if (from.startsWith('libs/') && target === `${from}/src/index.js` && !isTest(file)) {
    return broken('door', 'inside a library import the file itself, not the door');
  }
  return [];
}

function checkDoor(file: string, { to, typeOnly }: Import, broken: Broken): Violation[] {
  const lib = to.slice(1);
  if (!/^[a-z]+$/.test(lib)) return broken('door', `\`${to}\` is not the door of a library`);
  const [kind, name = ''] = file.split('/');
  if (lib === 'testkit' && !isTest(file)) return broken('import', 'only tests may import testkit');
  if (kind === 'apps') return [];
  if (lib === name) return isTest(file) ? [] : broken('door', 'inside a library import the file itself, not the door');
  if (mayImport[name]?.includes(lib)) return [];
  if (isTest(file) && (lib === 'testkit' || lib === 'local')) return [];
  if (mayImportTypes[name]?.includes(lib))
    return typeOnly ? [] : broken('import', `${name} may import only types of ${lib} (\`import type\`)`);
  return broken('import', `${name} may not import ${lib}; it may import: ${mayImport[name]?.join(', ') || 'nothing of ours'}`);
}

function checkPackage(file: string, name: string, broken: Broken): Violation[] {
  if (testPackages.includes(name) || name === '@types/node') {
    return isTest(file) ? [] : broken('package', `\`${name}\` is for tests`);
  }
  const folders = ownersOf(name);
  if (!folders) return broken('package', `\`${name}\` has no owner: name one in test/law.ts`);
  return folders.some((folder) => file.startsWith(folder)) ? [] : broken('package', `\`${name}\` belongs to ${folders.join(', ')}`);
}

export function ownersOf(name: string): readonly string[] | undefined {
  return owners[name] ?? (name.startsWith('@') ? owners[`${name.split('/')[0]}/*`] : undefined);
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** `libs/ecs` of `libs/ecs/src/event.ts`. */
function homeOf(file: string): string {
  return file.split('/', 2).join('/');
}

type Found = Pick<Violation, 'law' | 'message'>;

const timers = ['setTimeout', 'setInterval'];
const clockCalls = ['Date.now', 'performance.now', 'Math.random', 'process.hrtime', 'process.hrtime.bigint'];

function checkNode(file: string, node: ts.Node): Found[] {
  if (ts.isExportDeclaration(node) && !node.exportClause) return [{ law: 'export-star', message: 'name what is exported' }];
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env' && !file.startsWith('libs/config/') && !isTest(file)) {
    return [{ law: 'environment', message: 'only libs/config reads process.env: take the value from the configuration' }];
  }
  if (file.startsWith('libs/time/') || isTest(file)) return [];
  return readsClock(node)
    ? [{ law: 'clock', message: `\`${node.getText().slice(0, 40)}\`: time and chance come from outside (a \`Clock\` of #time)` }]
    : [];
}

function readsClock(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Date' && !node.arguments?.length;
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return /^node:(timers(\/promises)?|perf_hooks)$/.test(node.moduleSpecifier.text) && !isTypeOnly(node.importClause);
  }
  // A reference is as good as a call: `now = Date.now`.
  if (ts.isPropertyAccessExpression(node)) return clockCalls.includes(node.getText()) && !ts.isPropertyAccessExpression(node.parent);
  if (!ts.isCallExpression(node)) return false;
  return timers.includes(node.expression.getText()) || (node.expression.getText() === 'Date' && node.arguments.length === 0);
}

/** A spec may name its aspect: `detector.laws.spec.ts`. */
const role = /((\.[a-z]+)?\.spec|\.(contract|module|controller|e2e-spec|d))$/;

function checkName(file: string): Violation[] {
  const words = file.replace(/\.ts$/, '').replace(role, '').split('/').slice(2);
  return words.flatMap((word): Violation[] => {
    const broken = (message: string): Violation[] => [{ file, line: 1, law: 'name', message: `\`${word}\` ${message}` }];
    if (homelessNames.test(word)) return broken('says where something was put, not what it is');
    return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(word) || word === '__snapshots__'
      ? []
      : broken('is not kebab-case with a known role (.spec .contract .module .controller)');
  });
}

function checkSize(file: string, text: string): Violation[] {
  const lines = text.split('\n').length - 1;
  const most = isTest(file) ? maxLines.test : maxLines.code;
  return lines <= most ? [] : [{ file, line: most + 1, law: 'size', message: `${lines} lines; at most ${most}` }];
}
