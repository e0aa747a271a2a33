import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { Call } from "@/components/users/call";
import { toPlain } from "@/components/users/call-view";
import { UserHeader } from "@/components/users/user-header";
import { WhoThisIs } from "@/components/users/who-this-is";
import { readUser } from "@/lib/directory/read";
import { previewOffline } from "@/lib/offline/preview-offline";
import { getConfig } from "@/lib/platform/config";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../../console-page";
import {
  changePhoneAction,
  endAllAction,
  issueAction,
  revokeAction,
  sendAgainAction,
  unlockAction,
} from "./actions";
import { readCall } from "./read-call";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("users.one") };
}

/** Everything for one call, in the order of the call. */
export default consolePage("user:read", async (ctx, { params }) => {
  const userId = z.uuid().safeParse((await params).id);
  if (!userId.success) notFound();
  const [found, call] = await Promise.all([
    readUser(ctx, { userId: userId.data }),
    readCall(ctx, userId.data),
  ]);
  if (!found.ok || !call.ok) notFound();
  const { user } = found;
  const code = call.offers.find(({ method }) => method === "access_code");
  const preview = code?.offered
    ? await previewOffline(ctx, {
        userId: user.id,
        windowSeconds: code.windowSeconds,
        uses: code.uses[0],
      })
    : null;
  return (
    <ClientMessages namespaces={["user"]}>
      <UserHeader user={user} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_19.5rem]">
        <WhoThisIs
          user={user}
          hasLog={hasPermission(ctx.actor, "audit:read")}
          mayChangePhone={hasPermission(ctx.actor, "phone:change")}
          changePhone={changePhoneAction}
        />
        <Call
          staffId={ctx.actor.staffId}
          user={{
            id: user.id,
            login: user.login,
            displayName: user.displayName,
            timeZone: user.timeZone,
            phones: Object.fromEntries(user.phones.map(({ channel, number }) => [channel, number])),
          }}
          first={call}
          preview={preview && toPlain(preview)}
          otpUrl={new URL("/otp", getConfig().BASE_URL).href}
          acts={{
            issue: issueAction,
            sendAgain: sendAgainAction,
            revoke: revokeAction,
            endAll: endAllAction,
            unlock: unlockAction,
          }}
        />
      </div>
    </ClientMessages>
  );
});
