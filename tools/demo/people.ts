import { type ImportReport, importUsers } from "@/lib/directory/import";
import type { DirectoryUserInput } from "@/lib/directory/input";
import { inTransaction } from "@/lib/platform/transaction";
import { type People, peoples } from "./names";

const COUNT = 500;
const HOUR = 3_600_000;

const departments: Readonly<Record<string, readonly string[]>> = {
  Executive: ["Chief Executive Officer", "Chief of Staff", "Executive Assistant"],
  Engineering: ["Head of Engineering", "Software Engineer", "Senior Software Engineer", "Test Engineer"],
  "IT Operations": [
    "Head of IT Operations",
    "Systems Administrator",
    "Network Engineer",
    "Database Administrator",
  ],
  Finance: ["Head of Finance", "Accountant", "Controller", "Payroll Specialist"],
  "Human Resources": ["Head of Human Resources", "Recruiter", "HR Business Partner"],
  Sales: ["Head of Sales", "Account Executive", "Sales Engineer", "Regional Manager"],
  Legal: ["General Counsel", "Legal Counsel", "Paralegal"],
  Manufacturing: ["Plant Manager", "Shift Lead", "Machine Operator", "Maintenance Technician"],
  Logistics: ["Head of Logistics", "Dispatcher", "Warehouse Associate", "Driver"],
  Research: ["Head of Research", "Research Scientist", "Laboratory Technician"],
};
const departmentNames = Object.keys(departments);

const authenticators = ["push_app", "totp_app", "security_key", "passkey", "smart_card"] as const;

/** Numbers that are nobody's: 555-0100 to 555-0199 of a city (NANPA) and 020 7946 0000 to 0999 (Ofcom). The UK's 07700 900 numbers count as invalid in libphonenumber. */
const areaCodes = ["206", "212", "303", "312", "404", "415", "512", "617", "702", "713"];
const usNumber = (i: number) =>
  `+1${areaCodes[Math.floor(i / 100) % areaCodes.length]}55501${String(i % 100).padStart(2, "0")}`;
const ukNumber = (i: number) => `+44207946${String(200 + (i % 800)).padStart(4, "0")}`;

interface Named extends Partial<DirectoryUserInput> {
  login: string;
  firstName: string;
  lastName: string;
}

const named: readonly Named[] = [
  {
    login: "ada.lovelace",
    firstName: "Ada",
    lastName: "Lovelace",
    department: "Research",
    title: "Research Scientist",
    phones: { sms: "+12025550101", voice: "+12025550102" },
  },
  {
    login: "grace.hopper",
    firstName: "Grace",
    lastName: "Hopper",
    department: "Engineering",
    title: "Senior Software Engineer",
    phones: { sms: "+12025550103" },
  },
  {
    login: "alan.turing",
    firstName: "Alan",
    lastName: "Turing",
    department: "Research",
    title: "Research Scientist",
    site: "London",
    language: "en-GB",
    timeZone: "Europe/London",
    phones: { voice: "+442079460104" },
  },
  {
    login: "linus.disabled",
    firstName: "Linus",
    lastName: "Disabled",
    department: "Engineering",
    title: "Software Engineer",
    isDisabled: true,
    phones: { sms: "+12025550105" },
  },
  {
    login: "root.admin",
    firstName: "Root",
    lastName: "Admin",
    department: "IT Operations",
    title: "Systems Administrator",
    groups: ["domain-admins"],
    phones: { sms: "+12025550106", voice: "+12025550106" },
  },
  {
    login: "zoe.nophone",
    firstName: "Zoë",
    lastName: "Nophone",
    department: "Manufacturing",
    title: "Machine Operator",
    phones: {},
  },
  {
    login: "optout.olga",
    firstName: "Olga",
    lastName: "Optout",
    department: "Sales",
    title: "Account Executive",
    phones: { sms: "+12025550110" },
  },
  {
    login: "slow.sam",
    firstName: "Sam",
    lastName: "Slow",
    department: "Logistics",
    title: "Dispatcher",
    phones: { sms: "+12025550113" },
  },
  {
    login: "sms.sofia",
    firstName: "Sofia",
    lastName: "Sms",
    department: "Finance",
    title: "Accountant",
    language: "es-ES",
    site: "Madrid",
    timeZone: "Europe/Madrid",
    phones: { sms: "+12025550107" },
  },
  {
    login: "voice.viktor",
    firstName: "Viktor",
    lastName: "Voice",
    department: "Human Resources",
    title: "Recruiter",
    language: "de-DE",
    site: "Berlin",
    timeZone: "Europe/Berlin",
    phones: { voice: "+442079460108" },
  },
];

const directoryIdOf = (number: number) => `demo-${String(number).padStart(4, "0")}`;
const loginLetters = (text: string) =>
  text
    .replaceAll("ß", "ss")
    .replaceAll(/[ıİ]/gu, "i")
    .replaceAll(/[æÆ]/gu, "ae")
    .replaceAll(/[øØ]/gu, "o")
    .replaceAll(/[œŒ]/gu, "oe")
    .replaceAll(/[łŁ]/gu, "l")
    .replaceAll(/[đĐðÐ]/gu, "d")
    .replaceAll(/[þÞ]/gu, "th")
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z]/gu, "");

function toName(entry: string): { name: string; latin: string } {
  const [written = "", latin] = entry.split("/");
  const name = written.replaceAll("_", " ");
  return { name, latin: loginLetters(latin ?? name) };
}

function toDisplayName(order: People["order"], given: string, family: string): string {
  if (order === "given-first") return `${given} ${family}`;
  return order === "family-first" ? `${family} ${given}` : `${family}${given}`;
}

/**
 * The 500 people of the demo's directory: the ten of the contract, then others with names of some forty languages. The same on
 * every machine, but for the last sign-ins, which lie before `now`.
 */
export function listDemoPeople(now: Date): DirectoryUserInput[] {
  const people: DirectoryUserInput[] = named.map((person, i) => ({
    site: "New York",
    language: "en-US",
    timeZone: "America/New_York",
    groups: [],
    ...person,
    directoryId: directoryIdOf(i + 1),
    email: `${person.login}@example.com`,
    displayName: `${person.firstName} ${person.lastName}`,
    employeeNumber: `E${10_001 + i}`,
  }));
  const logins = new Set(people.map(({ login }) => login));
  for (let i = 0; people.length < COUNT; i += 1) {
    const those = peoples[i % peoples.length] as People;
    const round = Math.floor(i / peoples.length);
    const pick = (list: string, step: number) => {
      const entries = list.split(" ");
      return toName(entries[(round * step + Math.floor(round / entries.length)) % entries.length] as string);
    };
    const given = pick(those.given, 1);
    const family = pick(those.family, 2 - (those.family.split(" ").length % 2 === 0 ? 1 : 0));
    const wanted = `${given.latin}.${family.latin}`;
    let login = wanted;
    for (let more = 2; logins.has(login); more += 1) login = `${wanted}${more}`;
    logins.add(login);
    const department = departmentNames[(i * 7) % departmentNames.length] as string;
    const titles = departments[department] as readonly string[];
    people.push({
      directoryId: directoryIdOf(people.length + 1),
      login,
      email: `${login}@example.com`,
      firstName: given.name,
      lastName: family.name,
      displayName: toDisplayName(those.order, given.name, family.name),
      employeeNumber: `E${10_001 + people.length}`,
      department,
      title: i < departmentNames.length ? titles[0] : titles[1 + (i % (titles.length - 1))],
      site: those.site,
      language: those.language,
      timeZone: those.timeZone,
      isDisabled: i % 31 === 30,
      phones: {
        ...(i % 9 === 4 ? {} : { sms: usNumber(i) }),
        ...(i % 3 === 0 ? { voice: ukNumber(i) } : i % 7 === 1 ? { voice: usNumber(i) } : {}),
      },
    });
  }
  const [boss, ...heads] = [departmentNames[0], ...departmentNames.slice(1)].map((department) =>
    people.findIndex((person, i) => i >= named.length && person.department === department),
  );
  return people.map((person, i) => {
    const head = [boss, ...heads][departmentNames.indexOf(person.department ?? "")];
    const manager = i === boss ? undefined : i === head ? boss : head;
    const own = [
      authenticators[i % authenticators.length],
      authenticators[(i * 3 + 1) % authenticators.length],
    ];
    const normalAuthenticators = [...new Set(own.slice(0, 1 + (i % 2)))].filter((kind) => kind !== undefined);
    return {
      ...person,
      managerDirectoryId: manager === undefined ? null : directoryIdOf(manager + 1),
      groups: [
        ...(person.groups ?? []),
        "all-staff",
        `dept-${(person.department ?? "").toLowerCase().replaceAll(" ", "-")}`,
        ...(i % 4 === 0 ? ["remote-access"] : []),
      ],
      normalAuthenticators,
      lastSignInAt: new Date(now.getTime() - ((i * 37) % 240) * HOUR - ((i * 13) % 60) * 60_000),
      lastSignInMethod: normalAuthenticators[0] ?? null,
    };
  });
}

/** Brings the demo's people into the database. At a restart only last sign-ins move; phones that staff changed stay changed. */
export async function seedPeople(): Promise<ImportReport> {
  return inTransaction((tx) => importUsers(tx, listDemoPeople(new Date()), "demo"));
}
