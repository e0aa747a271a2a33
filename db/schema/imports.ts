import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, instant, mark, orderedText } from "./columns";

/** Long work that brings the people of this database to what a file or another directory says. */
export const importJob = pgTable(
  "import_job",
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: text({ enum: ["csv", "ldap"] }).notNull(),
    state: text({
      enum: [
        "receiving",
        "queued",
        "previewing",
        "waiting",
        "running",
        "stopping",
        "stopped",
        "done",
        "failed",
        "discarded",
      ],
    }).notNull(),
    /** What it does, or did when it stopped: finding out what it comes to, or doing it. */
    phase: text({ enum: ["preview", "write"] })
      .notNull()
      .default("preview"),
    /** What the file is called, or where the directory is. */
    label: text().notNull(),
    /** What was asked for, in the shape of its kind. */
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    /** Whether somebody is asked before it writes. */
    confirm: text({ enum: ["always", "beyond_tenth", "never"] })
      .notNull()
      .default("always"),
    /** Where the phase goes on, in the shape of its kind; null: at its beginning. */
    cursor: jsonb().$type<Record<string, unknown>>(),
    /** How far the phase is, in units of its kind, and of how many; null: nobody knows. */
    progressDone: bigint({ mode: "number" }).notNull().default(0),
    progressTotal: bigint({ mode: "number" }),
    /** What it comes to, in people. */
    previewCounts: jsonb().$type<Record<string, number>>().notNull().default({}),
    /** What it did. */
    counts: jsonb().$type<Record<string, number>>().notNull().default({}),
    /** How many could sign in before it of those whom it may disable. */
    enabledBefore: integer(),
    /** Its first changes, to be looked at. */
    sample: jsonb().$type<unknown[]>().notNull().default([]),
    /** The first line of its file, which stands over the refused ones too. */
    header: text().array(),
    askedByKind: text().notNull(),
    askedById: text(),
    askedByLabel: text(),
    requestId: text().notNull(),
    /** Whose process does it, and when that last said so; nobody's where it is null. */
    runner: uuid(),
    beatAt: instant(),
    /** How many processes died over it since it last came on. */
    losses: integer().notNull().default(0),
    /** It runs in the shell of an operator, and no worker goes on with it by itself. */
    isForeground: boolean().notNull().default(false),
    failure: text(),
    failureWhy: jsonb().$type<object>(),
    createdAt: instant().notNull().defaultNow(),
    previewedAt: instant(),
    confirmedAt: instant(),
    endedAt: instant(),
    /** From when nothing personal is left of it. */
    strippedAt: instant(),
  },
  (t) => [
    uniqueIndex("import_job_one_runs").on(sql`(true)`).where(sql`${t.runner} is not null`),
    index("import_job_created").on(t.createdAt),
    check("import_job_runner", sql`(${t.runner} is null) = (${t.beatAt} is null)`),
    check(
      "import_job_end",
      sql`(${t.state} in ('done', 'failed', 'discarded')) = (${t.endedAt} is not null)`,
    ),
    check("import_job_failure", sql`(${t.state} = 'failed') = (${t.failure} is not null)`),
  ],
);
mark(importJob, {
  id: "public",
  kind: "public",
  state: "public",
  phase: "public",
  label: "personal",
  settings: "personal",
  confirm: "public",
  cursor: "personal",
  progressDone: "public",
  progressTotal: "public",
  previewCounts: "public",
  counts: "public",
  enabledBefore: "public",
  sample: "personal",
  header: "public",
  askedByKind: "public",
  askedById: "public",
  askedByLabel: "personal",
  requestId: "public",
  runner: "public",
  beatAt: "public",
  losses: "public",
  isForeground: "public",
  failure: "public",
  failureWhy: "public",
  createdAt: "public",
  previewedAt: "public",
  confirmedAt: "public",
  endedAt: "public",
  strippedAt: "public",
});

/** A piece of an uploaded file; gone once all its lines are read. */
export const importChunk = pgTable(
  "import_chunk",
  {
    jobId: uuid()
      .notNull()
      .references(() => importJob.id, { onDelete: "cascade" }),
    /** From 0. */
    number: integer().notNull(),
    bytes: bytes().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.jobId, t.number] }),
    check("import_chunk_size", sql`octet_length(${t.bytes}) between 1 and 1048576`),
  ],
);
mark(importChunk, { jobId: "public", number: "public", bytes: "personal" });

/** Somebody whom a file or directory names, once, as it was read. Its job isn't referred to: a million rows would each look it up. */
export const importLine = pgTable(
  "import_line",
  {
    jobId: uuid().notNull(),
    /** The login, folded. */
    key: orderedText().notNull(),
    /** Where they stand in the file, from 1. */
    line: integer().notNull(),
    login: text().notNull(),
    /** What is said of them; null: their line was refused, and they stay as they are. */
    fields: jsonb().$type<Record<string, unknown>>(),
    /** Their manager wasn't here when the line was read. */
    isManagerAwaited: boolean().notNull().default(false),
    /** Nothing but the manager may change. */
    isUnchanged: boolean().notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.key] })],
);
mark(importLine, {
  jobId: "public",
  key: "personal",
  line: "public",
  login: "personal",
  fields: "personal",
  isManagerAwaited: "public",
  isUnchanged: "public",
});

/** A line that wasn't taken, as it stood there, and why. */
export const importRefusal = pgTable(
  "import_refusal",
  {
    jobId: uuid()
      .notNull()
      .references(() => importJob.id, { onDelete: "cascade" }),
    line: integer().notNull(),
    cells: text().array().notNull(),
    why: jsonb().$type<object>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.line] })],
);
mark(importRefusal, { jobId: "public", line: "public", cells: "personal", why: "public" });
