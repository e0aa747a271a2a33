import { offer } from "./open-loop";

/** A flood that the parent asks for: these requests in turns. */
export interface Flood {
  port: number;
  requests: string[];
  perSecond: number;
  seconds: number;
}

const AT_ONCE_MAX = 64;

/** Floods from a process of its own, so that whoever measures beside it isn't held up by it. */
process.on("message", async ({ requests, ...flood }: Flood) => {
  const write = (number: number) => requests[number % requests.length] as string;
  const { sent, statuses, seconds } = await offer({ ...flood, atOnceMax: AT_ONCE_MAX, write });
  process.send?.({ sent, statuses, seconds });
});
process.on("disconnect", () => process.exit(0));
