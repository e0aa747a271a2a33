import { z } from "zod";

const number = z.string().trim().min(1).max(60).nullable();

/** What `changePhone` is asked. */
export const changePhoneInput = z.strictObject({
  userId: z.uuid(),
  channel: z.enum(["sms", "voice"]),
  number,
});
export type ChangePhoneInput = z.output<typeof changePhoneInput>;

/** What `changePhones` is asked. */
const changePhonesInput = z.strictObject({
  userId: z.uuid(),
  numbers: z.strictObject({ sms: number.optional(), voice: number.optional() }),
});
export type ChangePhonesInput = z.output<typeof changePhonesInput>;
