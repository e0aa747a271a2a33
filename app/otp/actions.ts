"use server";

import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { documentLocales, readerCookies } from "@/components/i18n/locale";
import { toPlainCode } from "@/components/otp/typed";
import { beginAttempt } from "@/lib/authn/begin";
import { beginAttemptInput, type ProveAttemptInput } from "@/lib/authn/input";
import { subjectNameLengthMax } from "@/lib/authn/model";
import { proveAttempt } from "@/lib/authn/prove";
import { selectChannel } from "@/lib/authn/select-channel";
import { digitsCount, toDigits } from "@/lib/otp/model";
import { isSecure } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { assertNever } from "@/lib/platform/outcome";
import { admit } from "@/lib/robots/admit";
import { admitAsk } from "@/lib/robots/admit-ask";
import { publicForm } from "@/lib/staff/action";
import type { DoorRefusal } from "@/lib/staff/outcome";
import { findApplication, toEntrance } from "./applications";
import { dropSecret, findAttempt, findHolder, keepSecret } from "./attempt";
import { channelOf, toFormPage, toOwnPath, toStart, toStep, toTrouble, type Way, wayOf } from "./steps";

/** What a form sends is a line of text; anything else counts as none. */
const line = z.string().catch("");
const way = z.enum(["text", "call"]).catch("text");

function lost(refusal: DoorRefusal, form: FormData): never {
  redirect(toTrouble(refusal.requestId, toFormPage(form)));
}

/** Begins an attempt for the name that was typed, and leads to the ways. */
export const begin = publicForm(
  z.object({ login: line, app: line, again: line }),
  async (ctx, { login: typed, app, again }) => {
    const login = typed.trim().slice(0, subjectNameLengthMax);
    const application = (await findApplication(app))?.id ?? null;
    if (login === "") redirect(toStart({ app: application, problem: "empty" }));
    const admitted = await admit(ctx, "begin");
    if (!admitted.ok)
      redirect(toStart({ app: application, login, problem: "busy", wait: admitted.retryAfterSeconds }));
    const { attemptId, secret } = await beginAttempt(
      ctx,
      beginAttemptInput.parse({ door: "otp_page", subjectName: login, application }),
    );
    if (secret !== null) await keepSecret(attemptId, secret);
    if (again !== "") await dropSecret(again);
    redirect(toStep(attemptId, null));
  },
  lost,
);

/** Asks for a text or a call; above the rate, with a proof of work. */
export const ask = publicForm(
  z.object({ attempt: line, way, proof: line }),
  async (ctx, { attempt: attemptId, way, proof }) => {
    const holder = await findHolder(attemptId);
    if (holder === undefined) redirect(toStep(attemptId, null));
    const admitted = await admitAsk(ctx, { attemptId, solution: proof === "" ? null : proof });
    if (!admitted.ok) redirect(toStep(attemptId, { check: way }));
    const asked = await selectChannel(ctx, { attemptId, holder, channel: channelOf[way] });
    if (asked.ok) redirect(toStep(attemptId, way));
    switch (asked.reason) {
      case "gone":
        return redirect(toStep(attemptId, null));
      case "too_soon":
        return redirect(toStep(attemptId, way, { problem: "too_soon", wait: asked.retryAfterSeconds }));
      case "send_limit":
        return redirect(toStep(attemptId, null, { problem: "limit", wait: asked.retryAfterSeconds }));
      default:
        return assertNever(asked);
    }
  },
  lost,
);

/** Judges six digits. */
export const proveDigits = publicForm(
  z.object({ attempt: line, way, digits: line }),
  async (ctx, { attempt: attemptId, way, digits }) => {
    if (toDigits(digits).length !== digitsCount) redirect(toStep(attemptId, way, { problem: "incomplete" }));
    await prove(ctx, attemptId, channelOf[way], digits, way);
  },
  lost,
);

/** Judges an access code; six digits that were typed in its place are judged as the OTP that they are, however they came. */
export const proveCode = publicForm(
  z.object({ attempt: line, code: line }),
  async (ctx, { attempt: attemptId, code }) => {
    const plain = toPlainCode(code);
    if (plain.trim() === "") redirect(toStep(attemptId, "code", { problem: "empty" }));
    if (!/^\d{6}$/.test(toDigits(plain))) return prove(ctx, attemptId, "access_code", plain, "code");
    const channel = (await findAttempt(ctx, attemptId))?.channel ?? null;
    await prove(ctx, attemptId, "otp", plain, channel === null ? "code" : wayOf[channel]);
  },
  lost,
);

async function prove(
  ctx: Context,
  attemptId: string,
  method: ProveAttemptInput["method"],
  value: string,
  step: Way | "code",
): Promise<never> {
  const holder = await findHolder(attemptId);
  if (holder === undefined) redirect(toStep(attemptId, null));
  const admitted = await admit(ctx, "try");
  if (!admitted.ok)
    redirect(toStep(attemptId, step, { problem: "throttled", wait: admitted.retryAfterSeconds }));
  const proved = await proveAttempt(ctx, { attemptId, holder, method, value });
  if (proved.ok) {
    const application = await findApplication((await findAttempt(ctx, attemptId))?.application);
    redirect(application === undefined ? toStep(attemptId, "in") : toEntrance(application, attemptId));
  }
  switch (proved.reason) {
    case "wrong":
      return redirect(toStep(attemptId, step, { problem: "wrong", left: proved.triesLeft }));
    case "mistyped":
      return redirect(toStep(attemptId, step, { problem: "mistyped" }));
    case "throttled":
      return redirect(toStep(attemptId, step, { problem: "throttled", wait: proved.retryAfterSeconds }));
    case "failed":
    case "gone":
      return redirect(toStep(attemptId, null));
    default:
      return assertNever(proved);
  }
}

const yearSeconds = 365 * 24 * 3600;

/** Speaks another language from here on, on this device. */
export const speak = publicForm(
  z.object({ language: z.enum(documentLocales).catch("en"), path: line }),
  async (_ctx, { language, path }) => {
    (await cookies()).set(readerCookies.locale, language, {
      secure: isSecure(),
      sameSite: "lax",
      path: "/",
      maxAge: yearSeconds,
    });
    redirect(toOwnPath(path) ?? toStart());
  },
  lost,
);
