import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { peoples } from "@/tools/demo/names";
import { makeChance } from "./random";

const departments = "Research Finance Sales Logistics Manufacturing Engineering Support Legal".split(" ");

/** The columns of the file. */
export const peopleColumns =
  "login,display_name,given_name,family_name,email,employee_number,title,department,site,manager_login,groups,phone_sms,phone_voice,language,time_zone";

const written = (entry: string) => (entry.split("/", 1)[0] ?? "").replaceAll("_", " ");
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** So many lines are written at once. */
const linesAtOnce = 5_000;

/**
 * Writes a file of so many people, the same on every machine: names of some forty languages, one manager for ten, three groups, a
 * mobile number each and every third a landline.
 */
export async function writePeopleFile(file: string, count: number): Promise<void> {
  const chance = makeChance(count);
  const out = createWriteStream(file);
  out.write(`${peopleColumns}\n`);
  let lines = "";
  for (let n = 0; n < count; n += 1) {
    const those = peoples[n % peoples.length] as (typeof peoples)[number];
    const pick = (names: string) => {
      const all = names.split(" ");
      return written(all[chance.between(0, all.length - 1)] as string);
    };
    const [given, second, family] = [pick(those.given), pick(those.given), pick(those.family)];
    const display = those.order === "given-first" ? `${given} ${second} ${family}` : `${family} ${given}`;
    const login = `u${String(n).padStart(7, "0")}`;
    const department = departments[n % departments.length] as string;
    const manager = n % 10 === 0 ? "" : `u${String(n - (n % 10)).padStart(7, "0")}`;
    const digits = String(n).padStart(7, "0");
    lines += [
      login,
      quoted(display),
      quoted(given),
      quoted(family),
      `${login}@example.com`,
      String(1_000_000 + n),
      quoted(`Specialist, ${department}`),
      department,
      quoted(those.site),
      manager,
      `all-staff|${department.toLowerCase()}|site-${n % 50}`,
      `+4915${2 + (n % 2)}1${digits}`,
      n % 3 === 0 ? `+4420${7}${String(n % 10_000_000).padStart(7, "0")}` : "",
      those.language,
      those.timeZone,
    ].join(",");
    lines += "\n";
    if (n % linesAtOnce === linesAtOnce - 1) {
      if (!out.write(lines)) await once(out, "drain");
      lines = "";
    }
  }
  out.end(lines);
  await finished(out);
}
