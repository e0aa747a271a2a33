import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** The paths of all TypeScript files of these rooms. */
export function listFiles(...rooms: string[]): string[] {
  return rooms.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((name) => /(?<!\.d)\.tsx?$/.test(name))
      .map((name) => `${room}/${name}`),
  );
}

/** Whether `file` is a test, of whichever kind. */
export function isTest(file: string): boolean {
  return /\.(test|spec)\.ts$/.test(file);
}

/** What is shipped, parsed, by its path. */
const sources: ReadonlyMap<string, ts.SourceFile> = new Map(
  listFiles("agent", "api", "app", "components", "lib")
    .filter((file) => !isTest(file))
    .map((file) => [
      file,
      ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true),
    ]),
);

/** What is shipped and stands below one of `folders`; all of it where none is named. */
export function below(...folders: string[]): ts.SourceFile[] {
  return [...sources.values()].filter(
    ({ fileName }) => folders.length === 0 || folders.some((folder) => fileName.startsWith(folder)),
  );
}

/** The shipped file of ours at `file`; undefined where it is a package, or no TypeScript. */
export function findSource(file: string): ts.SourceFile | undefined {
  return sources.get(file);
}

/** Where `node` stands, and its first line: what a failure says. */
export function say(node: ts.Node): string {
  const source = node.getSourceFile();
  const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  return `${source.fileName}:${line} ${node.getText().split("\n", 1)[0]}`;
}

/** All nodes of a kind in `roots`, however deep. */
export function listNodes<T extends ts.Node>(
  roots: readonly ts.Node[],
  isWanted: (node: ts.Node) => node is T,
): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (isWanted(node)) found.push(node);
    node.forEachChild(visit);
  };
  roots.forEach(visit);
  return found;
}

function resolve(file: string, name: string): string {
  if (!/^(@\/|\.)/.test(name)) return name;
  const base = name.startsWith("@/") ? name.slice(2) : path.join(path.dirname(file), name);
  return [`${base}.ts`, `${base}.tsx`].find((candidate) => sources.has(candidate)) ?? base;
}

/** What a file imports that is there at runtime: from which file of ours or which package, and what it is called there. */
export function listImports(source: ts.SourceFile): { from: string; name: string; node: ts.Node }[] {
  return source.statements.filter(ts.isImportDeclaration).flatMap((node) => {
    const from = resolve(source.fileName, (node.moduleSpecifier as ts.StringLiteral).text);
    const clause = node.importClause;
    if (clause?.isTypeOnly) return [];
    const named = clause?.namedBindings;
    return named !== undefined && ts.isNamedImports(named)
      ? named.elements
          .filter(({ isTypeOnly }) => !isTypeOnly)
          .map(({ name, propertyName }) => ({ from, name: (propertyName ?? name).text, node }))
      : [{ from, name: "", node }];
  });
}

/** Whether a statement is exported where it stands. */
export function isExported(node: ts.Node): boolean {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

/** The name of what `node` calls; undefined where it is no call. */
export function calleeOf(node: ts.Expression | undefined): string | undefined {
  return node !== undefined && ts.isCallExpression(node) ? node.expression.getText() : undefined;
}

/** Whether a file may do I/O: its first line says so. */
export function isServerOnly({ statements: [first] }: ts.SourceFile): boolean {
  return first?.getText() === 'import "server-only";';
}
