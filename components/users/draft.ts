import { type GrantReason, grantReasons } from "@/lib/grants/model";

/** What was filled in to give access, as far as somebody did; nothing of it is secret. */
export interface Draft {
  method: string;
  form: string | null;
  reason: GrantReason | null;
  /** null: as is usual. */
  windowSeconds: number | null;
  uses: string | null;
  machineId: string;
  ticket: string;
  note: string;
  sendNow: boolean;
}

/** So long after it was kept a draft is still of the same call. */
const keptMsMax = 60 * 60_000;

const keyOf = (staffId: string, userId: string) => `draft ${staffId} ${userId}`;

/** Keeps what was filled in for one user until its author is back, in this tab alone. */
export function keepDraft(
  storage: Pick<Storage, "setItem">,
  { staffId, userId, now }: { staffId: string; userId: string; now: number },
  draft: Draft,
): void {
  storage.setItem(keyOf(staffId, userId), JSON.stringify({ ...draft, keptAt: now }));
}

/** Takes what `staffId` had filled in for `userId` within the last hour: once; null where there is nothing. */
export function takeDraft(
  storage: Pick<Storage, "getItem" | "removeItem">,
  { staffId, userId, now }: { staffId: string; userId: string; now: number },
): Draft | null {
  const key = keyOf(staffId, userId);
  const text = storage.getItem(key);
  if (text === null) return null;
  storage.removeItem(key);
  const { keptAt, ...draft } = JSON.parse(text) as Draft & { keptAt: number };
  if (now - keptAt > keptMsMax) return null;
  return { ...draft, reason: grantReasons.find((each) => each === draft.reason) ?? null };
}
