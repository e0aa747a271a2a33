import { z } from "zod";
import { withoutTurningMarks } from "@/lib/platform/turning-marks";

/** Makes text storable, and shown as it is: no control characters, no halves of surrogate pairs, no turning marks, no blanks around. */
function clean(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.trim();
  return withoutTurningMarks(text)
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cs}]+/gu, " ")
    .trim();
}

const line = (max: number) =>
  z
    .string()
    .max(10 * max)
    .transform((text) => clean(clean(text).slice(0, max)));
const optionalLine = (max: number) =>
  line(max)
    .nullish()
    .transform((text) => text || null);
const neededLine = (max: number) => line(max).refine((text) => text !== "", "must not be empty");

/** The longest name that is kept, in UTF-16 units. */
const NAME_LENGTH_MAX = 300;

/** A person as a directory tells of them. What it does not know is left out or null. */
export const directoryUserSchema = z.object({
  directoryId: neededLine(200),
  login: neededLine(200),
  email: optionalLine(254),
  firstName: line(NAME_LENGTH_MAX),
  lastName: line(NAME_LENGTH_MAX),
  displayName: neededLine(NAME_LENGTH_MAX),
  employeeNumber: optionalLine(60),
  title: optionalLine(NAME_LENGTH_MAX),
  department: optionalLine(NAME_LENGTH_MAX),
  site: optionalLine(NAME_LENGTH_MAX),
  managerDirectoryId: optionalLine(200),
  language: optionalLine(35),
  timeZone: optionalLine(60),
  normalAuthenticators: z.array(neededLine(60)).max(20).default([]),
  lastSignInAt: z
    .date()
    .nullish()
    .transform((at) => at ?? null),
  lastSignInMethod: optionalLine(60),
  isDisabled: z.boolean().default(false),
  groups: z.array(neededLine(200)).max(2_000).default([]),
  /** E.164, one for each channel at most. */
  phones: z.partialRecord(z.enum(["sms", "voice"]), z.string().regex(/^\+[1-9][0-9]{6,14}$/)).default({}),
});

/** What a directory hands over of one person. */
export type DirectoryUserInput = z.input<typeof directoryUserSchema>;

/** The same, parsed. */
export type DirectoryUser = z.output<typeof directoryUserSchema>;

/** What `findUsers` is asked. */
export const searchUsersSchema = z.object({
  /** As typed; 300 characters at most are read. */
  query: z.string().transform((text) => text.slice(0, 300)),
  /** How many users at most, 1 to 50. */
  limit: z.int().min(1).max(50).default(20),
});
export type SearchUsersInput = z.input<typeof searchUsersSchema>;
