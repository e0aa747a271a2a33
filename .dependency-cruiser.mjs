/** The ladder: a domain of `lib` imports those before it, never those after it. */
const ladder = [
  "platform",
  "audit",
  "staff",
  "clients",
  "policy",
  "robots",
  "directory",
  "delivery",
  "otp",
  "codes",
  "machines",
  "grants",
  "authn",
  "outgoing",
  "openid",
  "offline",
  "scim",
  "imports",
  "ldap",
  "operation",
];

/** Where tests and their helpers stand; they may look into every room. */
const tests = "(\\.test\\.tsx?$|^tools/|^e2e/)";

const rungs = ladder.map((domain, rung) => ({
  name: `ladder-${domain}`,
  comment: "Domains import only downward.",
  severity: "error",
  from: { path: `^lib/${domain}/`, pathNot: tests },
  to: { path: `^lib/(${ladder.slice(rung + 1).join("|") || "nothing-above"})/` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...rungs,
    { name: "no-circle", severity: "error", from: {}, to: { circular: true } },
    {
      name: "known-domain",
      comment: "A new folder of lib takes a rung of the ladder.",
      severity: "error",
      from: {},
      to: { path: "^lib/", pathNot: `^lib/(${ladder.join("|")})/` },
    },
    {
      name: "only-stores-touch-the-database",
      severity: "error",
      from: {
        path: "^(lib|api|app|components)/",
        pathNot: [
          "store\\.ts$",
          "^lib/platform/transaction\\.ts$",
          "^lib/platform/sql\\.ts$",
          "^lib/platform/health\\.ts$",
          "^api/(server|shell)\\.ts$",
          tests,
        ],
      },
      to: { path: "^(db/|node_modules/(drizzle-orm|postgres|pg|pg-copy-streams)/)" },
    },
    {
      name: "lib-knows-no-screen",
      severity: "error",
      from: { path: "^lib/", pathNot: tests },
      to: { path: "^(app|components|api|tools|e2e)/" },
    },
    {
      name: "lib-knows-no-framework",
      comment: "React and Next end at the action factory, the ways in and the session.",
      severity: "error",
      from: { path: "^lib/", pathNot: [tests, "^lib/staff/(action|auth|session)\\.ts$"] },
      to: { path: "^node_modules/(react|react-dom|next|fastify)/" },
    },
    {
      name: "sign-in-library-behind-two-files",
      severity: "error",
      from: { pathNot: [tests, "^node_modules/", "^lib/staff/(auth|session-cookie)\\.ts$"] },
      to: { path: "^node_modules/next-auth/" },
    },
    {
      name: "adapters-alone-speak-to-the-outside",
      comment: "The LDAP library's filters, which reach nobody, are read and made elsewhere too.",
      severity: "error",
      from: { path: "^lib/", pathNot: [tests, "-adapter\\.ts$", "^lib/ldap/(input|reader)\\.ts$"] },
      to: {
        path: "^((node:)?(net|tls|dns|dgram|https?|http2|child_process)(/promises)?$|node_modules/(ldapts|@vonage)/)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "doors-know-no-store",
      severity: "error",
      from: { path: "^(app|api|components)/", pathNot: tests },
      to: { path: "^lib/.*store\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "components-hold-no-rules",
      severity: "error",
      from: { path: "^components/" },
      to: { path: "^(app|api|db|tools)/" },
    },
    {
      name: "ui-knows-no-domain",
      severity: "error",
      from: { path: "^components/ui/" },
      to: { path: "^(lib|components/(?!ui/))" },
    },
    {
      name: "doors-stay-apart",
      severity: "error",
      from: { path: "^api/", pathNot: tests },
      to: { path: "^(app|components)/" },
    },
    {
      name: "db-remembers-only",
      severity: "error",
      from: { path: "^db/", pathNot: tests },
      to: { path: "^(app|api|components|lib|agent)/" },
    },
    {
      name: "production-needs-no-tools",
      severity: "error",
      from: { path: "^(app|api|components|lib|db|agent)/", pathNot: tests },
      to: { path: "^(tools|e2e)/" },
    },
    {
      name: "agent-shares-pure-files-only",
      comment:
        "The program for machines takes the format, the chain, the judge and the words of its door, nothing of the server.",
      severity: "error",
      from: { path: "^agent/", pathNot: tests },
      to: {
        path: "^(lib|app|api|components|db)/",
        pathNot: "^lib/(codes/(format|chain|judge)|directory/fold|machines/(wire|token-key))\\.ts$",
      },
    },
    {
      name: "a-name-says-what-is-in-it",
      severity: "error",
      from: {},
      to: {
        path: "(^|/)(utils?|helpers?|common|services?|managers?)(/|\\.tsx?$)",
        pathNot: "^node_modules/",
      },
    },
    {
      name: "e2e-from-outside",
      severity: "error",
      from: { path: "^e2e/" },
      to: { path: "^(lib|app|api|components|db)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(\\.next|\\.build|\\.data|public|docs)/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ["import", "types", "default"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};
