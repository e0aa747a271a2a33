import { once } from "node:events";
import { finished } from "node:stream/promises";
import type postgres from "postgres";
import { connect } from "@/db/client";
import { foldName } from "@/lib/directory/fold";
import {
  encodeWords,
  type Searchable,
  type SearchWord,
  toSearchKeys,
  toSearchWords,
} from "@/lib/directory/words";

/** Numbers from 0 to 1 that look random and are the same on every machine. */
export function drawNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const commonGiven =
  "Maria James Anna John Michael Robert Mary David José William Thomas Elena Peter Ali Juan Linda Sarah Daniel Martin Laura Mohamed Paul Sofia Alexander Barbara Andrea Richard Jennifer Christian Susan Stefan Ana Markus Patricia Carlos Marie Julia Fatima Mark Nina Jan Eva Ivan Jürgen Sandra Kevin Olga Lucas Jörg Emma Björn Chloé Zoë Łukasz Åsa".split(
    " ",
  );
const commonFamily =
  "Smith Nguyen Garcia Müller Johnson Kim Rodriguez Schmidt Martinez Brown Lee Jones Lopez Williams Chen Gonzalez Miller Singh Davis Silva Hernandez Wang Fischer Schneider Perez Santos Wilson Anderson Martin Weber Khan Sanchez Li Taylor Meyer Moore Ahmed Schulz Thomas Wagner Becker Jackson Ramirez Hoffmann Ali White Torres Schäfer Harris Kowalski Lewis Koch Clark Rossi Bauer Richter Robinson Patel Walker Klein O'Brien Wolf Young Schröder Allen Neumann King Schwarz Wright Zimmermann Scott Braun Green Krüger Hofmann Adams Hartmann Baker Lange Nelson Schmitt Carter Werner Mitchell Krause Roberts Meier Turner Lehmann Phillips Mueller Campbell Maier Parker Köhler".split(
    " ",
  );
const syllables =
  "ma ri an na le ka jo el is ta mi ra lo san to be ro li da ne ko va sch ber mann son stein feld ski wa hu zi go pa ten bro win gar lan mor dal fer nor".split(
    " ",
  );

/** Names, the most common first: real ones, then made-up ones by the thousand. */
function inventNames(common: readonly string[], count: number, seed: number): string[] {
  const draw = drawNumbers(seed);
  const names = new Set(common);
  while (names.size < count) {
    const length = 2 + Math.floor(draw() * 3);
    const name = Array.from({ length }, () => syllables[Math.floor(draw() * syllables.length)]).join("");
    names.add(name.charAt(0).toUpperCase() + name.slice(1));
  }
  return [...names];
}

/** The given names of the crowd, the most common first. */
export const givenNames = inventNames(commonGiven, 3_000, 1);

/** The family names of the crowd, the most common first. */
export const familyNames = inventNames(commonFamily, 30_000, 2);

/** Draws from `names` as names are in life: the tenth about a fifth as common as the first, the thousandth hardly ever. */
function drawSkewed(names: readonly string[], exponent: number): (draw: () => number) => number {
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 0; rank < names.length; rank += 1) {
    sum += 1 / (rank + 3) ** exponent;
    sums.push(sum);
  }
  return (draw) => {
    const wanted = draw() * sum;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** The rank of a given name, as common as it is in life. */
export const drawGiven = drawSkewed(givenNames, 0.9);

/** The rank of a family name, as common as it is in life. */
export const drawFamily = drawSkewed(familyNames, 0.8);

/** Every so many people there is one whose family name nobody else has. */
const LONE_EVERY = 500;

/** The family name that one of so many people in a crowd has alone: the same in crowds of any size. */
export function drawLoneName(draw: () => number, users: number): string {
  return loneName(Math.floor((draw() * users) / LONE_EVERY) * LONE_EVERY);
}

function loneName(number: number): string {
  let left = number;
  let name = "Q";
  for (let syllable = 0; syllable < 5; syllable += 1) {
    name += syllables[left % syllables.length];
    left = Math.floor(left / syllables.length);
  }
  return name;
}

interface Member {
  id: string;
  user: Searchable & { login: string; email: string; employeeNumber: string };
  isDisabled: boolean;
  words: SearchWord[];
}

const letters = (name: string) => foldName(name)[0]?.[0] ?? "x";
const wordsOf = (names: readonly string[]) =>
  names.map((name) => foldName(name).map((forms) => ({ kind: "name" as const, forms })));
const givenWords = wordsOf(givenNames);
const givenLetters = givenNames.map((name) => letters(name));
/** What becomes of a family name in a login and among the words that somebody is found by. */
const toFamily = (name: string) => ({
  name,
  letters: letters(name),
  words: wordsOf([name])[0] ?? [],
  forms: foldName(letters(name))[0] ?? [],
});
const families = familyNames.map(toFamily);

function* drawMembers(count: number): Generator<Member> {
  const draw = drawNumbers(count);
  const hex = (length: number) =>
    Math.floor(draw() * 16 ** length)
      .toString(16)
      .padStart(length, "0");
  for (let i = 0; i < count; i += 1) {
    const given = drawGiven(draw);
    const common = families[drawFamily(draw)] as (typeof families)[number];
    const family = i % LONE_EVERY === 0 ? toFamily(loneName(i)) : common;
    const firstName = givenNames[given] as string;
    const lastName = family.name;
    const login = `${givenLetters[given]}.${family.letters}${i}`;
    const email = `${login}@example.com`;
    const employeeNumber = `E${1_000_000 + i}`;
    const digits = Math.floor(draw() * 10_000_000);
    const phones = draw() < 0.7 ? [`+1${202 + (i % 700)}${String(digits).padStart(7, "0")}`] : [];
    const names = [...(givenWords[given] ?? []), ...family.words];
    yield {
      id: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
      user: {
        firstName,
        lastName,
        displayName: `${firstName} ${lastName}`,
        login,
        email,
        employeeNumber,
        phones,
      },
      isDisabled: i % 40 === 7,
      words: [
        ...names,
        { kind: "number", forms: family.forms.map((form) => `${form}${i}`) },
        { kind: "address", forms: [login] },
        { kind: "address", forms: [email] },
        { kind: "number", forms: [employeeNumber.toLowerCase(), employeeNumber.slice(1)] },
        ...phones.map((e164) => ({ kind: "phone" as const, forms: [e164.slice(-4)] })),
      ],
    };
  }
}

/** Where the lines of one empty table go, as many as the server takes. Emptied in the same transaction, it needs no log. */
async function openCopy(
  pool: postgres.Sql,
  target: string,
): Promise<{ write(lines: string): Promise<void>; end(): Promise<void> }> {
  const sql = await pool.reserve();
  await sql.unsafe("begin");
  await sql.unsafe(`truncate ${target.split(" ")[0]}`);
  const stream = await sql.unsafe(`copy ${target} from stdin`).writable();
  let failure: Error | undefined;
  stream.on("error", (error: Error) => {
    failure = error;
  });
  return {
    write: async (lines) => {
      if (failure !== undefined) throw failure;
      if (lines !== "" && !stream.write(lines)) await once(stream, "drain");
    },
    end: async () => {
      stream.end();
      await finished(stream);
      await sql.unsafe("commit");
      sql.release();
    },
  };
}

const CHUNK = 500;

const array = (values: readonly string[]) => `{${values.map((value) => `"${value}"`).join(",")}}`;

function toUserLine({ id, user, isDisabled, words }: Member): string {
  const { login, email, firstName, lastName, displayName, employeeNumber } = user;
  const disabledAt = isDisabled ? "2026-01-01" : "\\N";
  return `${id}\t${employeeNumber}\t${login}\t${login}\t${email}\t${email}\t${firstName}\t${lastName}\t${displayName}\t${employeeNumber}\tEngineer\tEngineering\tBerlin\t${disabledAt}\t${array(encodeWords(words))}\n`;
}

function toPhoneLines({ id, user }: Member): string {
  return user.phones.map((e164) => `${id}\tsms\t${e164}\t${e164.slice(-4)}\n`).join("");
}

function toKeyLines({ id, words, isDisabled }: Member): string {
  let lines = "";
  for (const { rank, head, word, rest } of toSearchKeys(words, isDisabled))
    lines += `${id}\t${rank}\t${head}\t${word}\t${rest}\n`;
  return lines;
}

/**
 * Fills the directory of a migrated, empty database with `count` people, names as common as they are in life. Writes what an
 * import would write, by COPY, with the indexes made afterwards; a sample is held against the real thing.
 */
export async function fillDirectory(url: string, count: number): Promise<void> {
  const sql = connect(url, { max: 4 });
  const tables = ["users", "user_phone", "user_search_key"];
  const indexes = await sql<{ name: string; definition: string }[]>`
    select i.indexname as name, i.indexdef as definition from pg_indexes i
    where i.schemaname = 'public' and i.tablename = any(${tables})
      and not exists (select from pg_constraint c where c.conname = i.indexname)`;
  const keys = await sql<{ table: string; name: string }[]>`
    select conrelid::regclass::text as table, conname as name from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  for (const { table, name } of keys) await sql.unsafe(`alter table ${table} drop constraint ${name}`);

  for (const { user, words } of drawMembers(200)) {
    const real = encodeWords(toSearchWords(user)).sort();
    const made = encodeWords(words).sort();
    if (real.join() !== made.join())
      throw new Error(`the crowd is not what an import would make: ${made} for ${real}`);
  }
  const copies = [
    [
      toUserLine,
      "users (id, directory_id, login, login_key, email, email_key, first_name, last_name, display_name, employee_number, title, department, site, disabled_at, search_words)",
    ],
    [toPhoneLines, "user_phone (user_id, channel, e164, last4)"],
    [toKeyLines, "user_search_key (user_id, rank, head, word, rest)"],
  ] as const;
  const open = await Promise.all(
    copies.map(async ([toLines, target]) => ({ toLines, ...(await openCopy(sql, target)) })),
  );
  let chunk: Member[] = [];
  const flush = async () => {
    for (const { toLines, write } of open) await write(chunk.map(toLines).join(""));
    chunk = [];
  };
  for (const member of drawMembers(count)) {
    chunk.push(member);
    if (chunk.length === CHUNK) await flush();
  }
  await flush();
  for (const { end } of open) await end();
  for (const { definition } of indexes) await sql.unsafe(definition);
  await sql.unsafe(`vacuum analyze ${tables.join(", ")}`);
  await sql.end();
}
