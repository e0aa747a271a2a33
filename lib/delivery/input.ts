import { z } from "zod";

/** What `changePhone` is asked. */
export const changePhoneInput = z.strictObject({
  userId: z.uuid(),
  channel: z.enum(["sms", "voice"]),
  number: z.string().trim().min(1).max(60).nullable(),
});
export type ChangePhoneInput = z.output<typeof changePhoneInput>;
