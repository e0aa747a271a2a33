/** How many digits an OTP has (limits, "SMS/voice OTP"). */
export const digitsCount = 6;

/** How long a challenge is kept after its time, for who looks into what happened. */
export const challengeKeptSeconds = 24 * 3600;

/**
 * Why an OTP was not accepted.
 *
 * - `wrong`: not the digits that were sent; tries are left.
 * - `tried_out`: not the digits, and the code is dead now, or was dead by wrong tries before.
 * - `expired`: its minutes, or the window of its grant, are over. `spent`: it was used before.
 * - `none`: nothing was sent that could be judged, or nobody is there to judge.
 */
export type OtpRefusal = "wrong" | "expired" | "spent" | "tried_out" | "none";

/** The zeros of the digits that our users' keyboards have beside 0 to 9: Arabic-Indic, Persian, full-width. */
const zeros = [0x0660, 0x06f0, 0xff10];

/**
 * The digits in what somebody typed, as 0 to 9: digits of other scripts count, white space, hyphens and marks of direction
 * don't. What isn't six digits then can't be right, and is judged all the same.
 */
export function toDigits(typed: string): string {
  return [...typed.slice(0, 64)]
    .filter((symbol) => !/[\s\p{Pd}\p{Cf}]/u.test(symbol))
    .map((symbol) => {
      const code = symbol.codePointAt(0) ?? 0;
      const zero = zeros.find((start) => code >= start && code <= start + 9);
      return zero === undefined ? symbol : String(code - zero);
    })
    .join("");
}
