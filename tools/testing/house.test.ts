import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import {
  below,
  calleeOf,
  findSource,
  isExported,
  isServerOnly,
  isTest,
  listFiles,
  listImports,
  listNodes,
  say,
} from "./sources";

/** Fails on what breaks a rule, and on an exception that is none any more; `exceptions` are parts of what is said of them. */
function expectNone(broken: readonly string[], exceptions: readonly string[] = []): void {
  const [excused, left] = [new Set<string>(), [] as string[]];
  for (const said of broken) {
    const exception = exceptions.find((part) => said.includes(part));
    if (exception === undefined) left.push(said);
    else excused.add(exception);
  }
  expect(left).toEqual([]);
  expect([...exceptions].filter((part) => !excused.has(part))).toEqual([]);
}

const isType = (node: ts.Statement) => ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node);
const exportsMore = (node: ts.Statement) =>
  ts.isExportAssignment(node) || (ts.isExportDeclaration(node) && !node.isTypeOnly);
const directiveOf = (node: ts.Node | undefined) =>
  node && ts.isExpressionStatement(node) && ts.isStringLiteral(node.expression) ? node.expression.text : "";

/** The exports of a file that aren't built by a factory of `from`, or by a function of the file that only calls one. */
function listNotBuilt(source: ts.SourceFile, from: string, factories: readonly string[]): string[] {
  const known = listImports(source)
    .filter((imported) => imported.from === from && factories.includes(imported.name))
    .map(({ name }) => name);
  for (const node of source.statements.filter(ts.isFunctionDeclaration)) {
    const [first] = node.body?.statements ?? [];
    if (first && ts.isReturnStatement(first) && known.includes(calleeOf(first.expression) ?? ""))
      known.push(node.name?.text ?? "");
  }
  const isBuilt = (value: ts.Expression | undefined) => known.includes(calleeOf(value) ?? "");
  return source.statements
    .filter((node) => (isExported(node) && !isType(node)) || exportsMore(node))
    .filter((node) =>
      ts.isVariableStatement(node)
        ? !node.declarationList.declarations.every(({ initializer }) => isBuilt(initializer))
        : !ts.isExportAssignment(node) || !isBuilt(node.expression),
    )
    .map(say);
}

test("every server action is built by a factory: each is a public POST endpoint", () => {
  const files = below("app/").filter(({ statements }) => directiveOf(statements[0]) === "use server");
  expect(files.length).toBeGreaterThan(10);
  const factories = ["staffAction", "publicAction", "publicForm", "enteringAction"];
  expectNone(files.flatMap((file) => listNotBuilt(file, "lib/staff/action.ts", factories)));
  const within = listNodes(below(), ts.isExpressionStatement).filter(
    (node) => directiveOf(node) === "use server" && !files.includes(node.parent as ts.SourceFile),
  );
  expectNone(within.map(say));
});

test("every route handler and every page of the console is built by what asks for the permission", () => {
  const routes = below("app/").filter(({ fileName }) => fileName.endsWith("/route.ts"));
  expect(routes.length).toBeGreaterThan(10);
  const factories = ["staffRead", "staffUpload", "staffDownload"];
  expectNone(
    routes.flatMap((file) => listNotBuilt(file, "lib/staff/route.ts", factories)),
    [
      // The way back from the OpenID provider: nobody is signed in yet.
      "app/api/auth/[...nextauth]/route.ts:",
      // The entrance of the demo's application, for users.
      "app/payroll/enter/route.ts:",
    ],
  );
  const pages = below("app/(console)/").filter(({ fileName }) => fileName.endsWith("/page.tsx"));
  expect(pages.length).toBeGreaterThan(10);
  expectNone(
    pages
      .flatMap((file) => listNotBuilt(file, "app/(console)/console-page.ts", ["consolePage"]))
      .filter((said) => / export (default|\{)/.test(said)),
  );
});

type NamedFunction = ts.FunctionDeclaration | ts.ArrowFunction;
const isNamedFunction = (node: ts.Node): node is NamedFunction =>
  ts.isFunctionDeclaration(node) || (ts.isArrowFunction(node) && ts.isVariableDeclaration(node.parent));
const nameOf = (node: NamedFunction) =>
  (ts.isArrowFunction(node) ? (node.parent as ts.VariableDeclaration) : node).name?.getText() ?? "";

/** What checks who may; and what does so in its own first line, for several verbs. */
const checks = "requirePermission|requireStaff|requireMachine";
const checkers = "act|actOnEndpoint|removeFactor";

/** Verbs that anybody may call, for who calls is nobody yet, or nobody that a permission is for. */
const openVerbs = [
  // Users on their way in, at any door: what they know or hold is judged, not who they are.
  ...["listOfferedMethods", "beginAttempt", "beginAndProve", "selectChannel", "proveAttempt"],
  ...["readAttempt", "cancelAttempt", "collectStatus", "consumeAttempt", "signInAtApplication"],
  // What the OpenID provider keeps and asks for itself.
  ...["keepEntry", "consumeEntry", "dropEntry", "endSignIn"],
  ...["findOpenidClient", "findSignInProfile", "readPublishedKeys"],
  // Programs and machines that prove who they are, or become known.
  ...["authenticateAccessToken", "authenticateLegacyKey", "authenticateClientKey", "authenticateScimToken"],
  ...["issueAccessToken", "authenticateMachine", "acceptBody", "enrolMachine", "readSigningKey"],
  // Staff on their way in.
  ...["signIn", "beginPasskeySignIn", "finishPasskeySignIn", "readFactors", "readLink", "acceptLink"],
  ...["isSetupNeeded", "ensureSetupToken", "setUpOwner"],
  // Strangers, who are counted.
  ...["admit", "admitAsk", "recordRefusedRequest"],
];

test("a verb authorises in its first line", () => {
  const imported = below("api/", "app/", "components/").flatMap(listImports);
  const called = new Set(imported.map(({ from, name }) => `${from} ${name}`));
  const verbs = listNodes(below("lib/"), isNamedFunction).filter((node) => {
    const name = nameOf(node);
    const types = node.parameters.map(({ type }) => type?.getText() ?? "");
    if (types.includes("Tx") || types.includes("EnteringContext")) return false;
    const takesContext = types.some((type) => /^(Staff)?Context$/.test(type));
    if (takesContext && new RegExp(`^(${checkers})$`).test(name)) return true;
    return (
      called.has(`${node.getSourceFile().fileName} ${name}`) &&
      (takesContext || /\b(inTransaction|inStatement)\(/.test(node.body?.getText() ?? ""))
    );
  });
  expect(verbs.length).toBeGreaterThan(100);
  const first = new RegExp(
    `^((const [^=]+ = )?await (${checks})\\(\\s*ctx\\b|return (await )?(${checkers})\\(\\s*ctx\\b)`,
  );
  const firstOf = ({ body }: NamedFunction) => (body && ts.isBlock(body) ? body.statements[0] : body);
  const unchecked = verbs.filter((node) => !first.test(firstOf(node)?.getText() ?? ""));
  expectNone(
    unchecked.map(say),
    openVerbs.map((name) => `function ${name}(`),
  );
});

test("the first line tells: server-only, or pure and safe in the browser", () => {
  const late = below().filter(
    (file) => !isServerOnly(file) && listImports(file).some(({ from }) => from === "server-only"),
  );
  expectNone(late.map(({ fileName }) => `${fileName}:1`));
  const libraries = ["ipaddr.js", "libphonenumber-js/max", "scim2-parse-filter", "use-intl/core", "zod"];
  const pure = below("lib/").filter((file) => !isServerOnly(file));
  const imports = pure.flatMap(listImports).filter(({ from }) => {
    const source = findSource(from);
    return source === undefined ? !libraries.includes(from) && !from.endsWith(".json") : isServerOnly(source);
  });
  const ofNode = listNodes(pure, ts.isPropertyAccessExpression).filter(
    (node) =>
      /^(process|Buffer)$/.test(node.expression.getText()) &&
      node.parent.getText() !== "process.env.NODE_ENV",
  );
  // Shared with the agent, which runs on Node; no page imports them.
  const ofAgent = ["lib/codes/chain.ts:", "lib/machines/token-key.ts:"];
  expectNone([...imports.map(({ node }) => node), ...ofNode].map(say), ofAgent);
});

test("what decides is pure", () => {
  const deciding = listNodes(below("lib/"), ts.isFunctionDeclaration).filter(
    (node) => isExported(node) && /^decide[A-Z]/.test(node.name?.text ?? ""),
  );
  expect(deciding.length).toBeGreaterThan(10);
  expectNone(
    deciding
      .filter((node) => isServerOnly(node.getSourceFile()) || /^(export )?async/.test(node.getText()))
      .map(say),
  );
});

test("nobody compares roles outside of lib/staff", () => {
  const files = below().filter(({ fileName }) => !fileName.startsWith("lib/staff/"));
  const isRole = (node: ts.Node) => /^([\w.?]+\.)?\w*role$/i.test(node.getText());
  const isNothing = (node: ts.Node) => /^(null|undefined)$/.test(node.getText());
  const compared = listNodes(files, ts.isBinaryExpression).filter(
    ({ left, right, operatorToken }) =>
      /^[!=]==?$/.test(operatorToken.getText()) &&
      [left, right].some(isRole) &&
      ![left, right].some(isNothing),
  );
  const switched = listNodes(files, ts.isSwitchStatement).filter(({ expression }) => isRole(expression));
  const listed = listNodes(files, ts.isCallExpression).filter(
    (node) => /\.(includes|has|indexOf)$/.test(calleeOf(node) ?? "") && node.arguments.some(isRole),
  );
  expectNone([...compared, ...switched, ...listed].map(say));
});

test("who answers reasons answers each, so that a new one doesn't compile", () => {
  const switches = listNodes(below(), ts.isSwitchStatement).filter(({ expression }) =>
    /reason$/i.test(expression.getText()),
  );
  expect(switches.length).toBeGreaterThan(20);
  const open = switches.filter(({ expression, caseBlock }) => {
    const rest = caseBlock.clauses.find(ts.isDefaultClause);
    const switched = [expression.getText(), expression.getText().replace(/\.reason$/, "")];
    const handedOn = rest && listNodes([rest], ts.isCallExpression).flatMap((call) => [...call.arguments]);
    return !handedOn?.some((argument) => switched.includes(argument.getText()));
  });
  // It adds buttons to words which name each.
  expectNone(open.map(say), ["components/users/problem-notice.tsx:"]);
});

test("every function that is exported says what it promises", () => {
  const functions = listNodes(below(), ts.isFunctionDeclaration).filter(isExported);
  const told = functions.filter((node) => ts.getJSDocCommentsAndTags(node).length > 0);
  const placeOf = (node: ts.FunctionDeclaration) => `${node.getSourceFile().fileName} ${nameOf(node)}`;
  const known = new Set(told.map(placeOf));
  const ofNext = /^export (default|(async )?function generateMetadata)\b/;
  expectNone(functions.filter((node) => !known.has(placeOf(node)) && !ofNext.test(node.getText())).map(say));
});

test("no comment carries a ticket, or what is left to do", () => {
  const left = /^\s*(\/\/|\/?\*).*(\b(TODO|FIXME|HACK|XXX)\b|(^|[\s(])#\d+\b)/;
  expectNone(
    below().flatMap(({ fileName, text }) =>
      text.split("\n").flatMap((line, i) => (left.test(line) ? [`${fileName}:${i + 1} ${line}`] : [])),
    ),
  );
});

test("no page is shown the message of an error", () => {
  const read = listNodes(below("app/", "components/"), ts.isPropertyAccessExpression);
  expectNone(read.filter((node) => /^(error|err|e|cause|fault)\??\.message$/.test(node.getText())).map(say));
});

test("tests wait for what happens rather than for a while, and replace no module of ours", () => {
  const lines = listFiles("agent", "api", "components", "db", "e2e", "lib", "tools")
    .filter(isTest)
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .map((line, i) => `${file}:${i + 1} ${line.trim()}`),
    );
  expectNone(
    lines.filter((line) => /setTimeout\(resolve|timers\/promises|waitForTimeout\(/.test(line)),
    // Moments at which nothing happens that could be seen, and limits that run by a clock outside of the test.
    [
      "api/oauth.db.test.ts:",
      "api/scim-sources.db.test.ts:",
      "api/worker.db.test.ts:",
      "e2e/journeys.spec.ts:",
      "lib/grants/issue-offline.db.test.ts:",
      "lib/imports/import-file.db.test.ts:",
      "lib/platform/transaction.db.test.ts:",
      "lib/staff/sign-in.db.test.ts:",
      "tools/standin/standin.test.ts:",
    ],
  );
  expectNone(lines.filter((line) => /vi\.(do)?mock\(/i.test(line) && !line.includes("{ spy: true }")));
});
