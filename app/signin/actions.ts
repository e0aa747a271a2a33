"use server";

import { redirect } from "next/navigation";
import type { z } from "zod";
import type { Context } from "@/lib/platform/context";
import { refuse } from "@/lib/platform/outcome";
import { admit } from "@/lib/robots/admit";
import { enteringAction, publicAction } from "@/lib/staff/action";
import { beginOidc, dropCookie, enter } from "@/lib/staff/auth";
import {
  linkInput,
  nothingInput,
  oidcInput,
  passkeyInput,
  passkeyRegistrationInput,
  setupInput,
  signInInput,
  totpInput,
} from "@/lib/staff/input";
import { acceptLink } from "@/lib/staff/link";
import {
  beginPasskeyCheck,
  beginPasskeyRegistration,
  beginPasskeySignIn,
  finishPasskeyCheck,
  finishPasskeyRegistration,
  finishPasskeySignIn,
} from "@/lib/staff/passkey";
import { toReturnPath } from "@/lib/staff/return-path";
import { setUpOwner } from "@/lib/staff/setup";
import { signIn } from "@/lib/staff/sign-in";
import { signOut } from "@/lib/staff/sign-out";
import { beginTotp, confirmTotp, showTotp } from "@/lib/staff/totp";

const home = "/users";

/** Where one goes next is decided there: who lacks a second factor is led to it, and then on. */
const onwards = (wanted: string | undefined) => toReturnPath(wanted) ?? home;

/** A step that a stranger takes: so many from one network. */
function strangerAction<S extends z.ZodType, Result extends { ok: boolean }>(
  schema: S,
  work: (ctx: Context, input: z.output<S>) => Promise<Result>,
) {
  return publicAction(schema, async (ctx, input) => {
    const admitted = await admit(ctx, "sign-in");
    return admitted.ok ? work(ctx, input) : admitted;
  });
}

export const signInAction = strangerAction(signInInput, async (ctx, input) => {
  const result = await signIn(ctx, input);
  if (!result.ok) return result;
  if (!(await enter(result.token))) return refuse("wrong");
  redirect(onwards(input.return));
});

export const beginPasskeySignInAction = strangerAction(nothingInput, () => beginPasskeySignIn());

export const finishPasskeySignInAction = strangerAction(passkeyInput, async (ctx, input) => {
  const result = await finishPasskeySignIn(ctx, input);
  if (!result.ok) return result;
  if (!(await enter(result.token))) return refuse("wrong");
  redirect(onwards(input.return));
});

export const beginOidcAction = strangerAction(oidcInput, async (_ctx, input) => {
  const url = await beginOidc({ returnTo: onwards(input.return), fresh: false });
  if (url === undefined) return refuse("provider_away");
  redirect(url);
});

export const stepUpByOidcAction = enteringAction(oidcInput, async (_ctx, input) => {
  const url = await beginOidc({ returnTo: onwards(input.return), fresh: true });
  if (url === undefined) return refuse("provider_away");
  redirect(url);
});

export const showTotpAction = enteringAction(totpInput, async (ctx, input) => {
  const result = await showTotp(ctx, input);
  if (!result.ok) return result;
  if (!(await enter(result.token))) return refuse("session_over");
  redirect(onwards(input.return));
});

export const beginPasskeyCheckAction = enteringAction(nothingInput, (ctx) => beginPasskeyCheck(ctx));

export const finishPasskeyCheckAction = enteringAction(passkeyInput, async (ctx, input) => {
  const result = await finishPasskeyCheck(ctx, input);
  if (!result.ok) return result;
  if (!(await enter(result.token))) return refuse("session_over");
  redirect(onwards(input.return));
});

export const beginPasskeyRegistrationAction = enteringAction(nothingInput, (ctx) =>
  beginPasskeyRegistration(ctx),
);

export const finishPasskeyRegistrationAction = enteringAction(
  passkeyRegistrationInput,
  async (ctx, input) => {
    const result = await finishPasskeyRegistration(ctx, input);
    if (!result.ok) return result;
    return (await enter(result.token)) ? { ok: true as const } : refuse("session_over");
  },
);

export const beginTotpAction = enteringAction(nothingInput, (ctx) => beginTotp(ctx));

export const confirmTotpAction = enteringAction(totpInput, async (ctx, input) => {
  const result = await confirmTotp(ctx, input);
  if (!result.ok) return result;
  return (await enter(result.token)) ? { ok: true as const } : refuse("session_over");
});

export const acceptLinkAction = strangerAction(linkInput, async (ctx, input) => {
  const result = await acceptLink(ctx, input);
  if (!result.ok) return result;
  if (!(await enter(result.token))) return refuse("gone");
  redirect(home);
});

export const setUpAction = strangerAction(setupInput, async (ctx, input) => {
  const result = await setUpOwner(ctx, input);
  if (!result.ok) return result;
  if (!(await enter(result.token))) return refuse("already_set_up");
  redirect(home);
});

export const signOutAction = enteringAction(nothingInput, async (ctx) => {
  const result = await signOut(ctx);
  await dropCookie();
  if (!result.ok) return result;
  redirect("/signin");
});
