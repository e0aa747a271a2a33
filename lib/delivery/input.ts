import { z } from "zod";
import type { PhoneChannel } from "@/lib/directory/model";

/** What `changePhone` is asked. */
export const changePhoneInput = z.strictObject({
  userId: z.uuid(),
  channel: z.enum(["sms", "voice"]),
  number: z.string().trim().min(1).max(60).nullable(),
});
export type ChangePhoneInput = z.output<typeof changePhoneInput>;

/** What `changePhones` is asked. */
export interface ChangePhonesInput {
  userId: string;
  numbers: Readonly<Partial<Record<PhoneChannel, string | null | undefined>>>;
}
