import type { Metadata } from "next";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { CreateEndpoint } from "@/components/outgoing/create-endpoint";
import { EndpointList } from "@/components/outgoing/endpoint-list";
import { MessageFilters } from "@/components/outgoing/message-filters";
import { MessageList } from "@/components/outgoing/message-list";
import { PageHeader } from "@/components/page-header";
import { Notice } from "@/components/ui/state";
import { toPlain } from "@/components/users/call-view";
import { listMessagesInput } from "@/lib/outgoing/input";
import { listEndpoints, listMessages } from "@/lib/outgoing/list";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import {
  changeAction,
  createAction,
  enableAction,
  endAction,
  replayAction,
  rotateAction,
  tryAction,
} from "./actions";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("outgoing.title") };
}

/** Who is told of what happens, and what became of each message. */
export default consolePage("webhook:read", async (ctx, { searchParams }) => {
  const query = listMessagesInput.omit({ cursor: true }).safeParse(await searchParams);
  const [t, endpoints, listed] = await Promise.all([
    getTranslator(),
    listEndpoints(ctx),
    query.success ? listMessages(ctx, query.data) : null,
  ]);
  const manages = hasPermission(ctx.actor, "webhook:manage");
  const plain = toPlain(endpoints);
  const acts = {
    change: changeAction,
    rotate: rotateAction,
    enable: enableAction,
    end: endAction,
    try: tryAction,
    replay: replayAction,
  };
  return (
    <ClientMessages namespaces={["outgoing"]}>
      <PageHeader title={t("outgoing.title")}>
        <CreateEndpoint create={createAction} why={manages ? null : t("outgoing.readOnly")} />
      </PageHeader>
      <p className="mb-4 max-w-prose text-ink-soft text-sm">{t("outgoing.about")}</p>
      <EndpointList first={plain} acts={manages ? acts : null} />
      <h2 className="mt-7 mb-2 font-semibold text-base">{t("outgoing.messages.title")}</h2>
      <MessageFilters endpoints={plain.map(({ id, description }) => ({ id, description }))} />
      {listed?.ok ? (
        <MessageList
          first={toPlain({ messages: listed.messages, nextCursor: listed.nextCursor })}
          replay={manages ? replayAction : null}
        />
      ) : (
        <Notice tone="warn" title={t("outgoing.badFilters.title")}>
          {t("outgoing.badFilters.hint")}
        </Notice>
      )}
    </ClientMessages>
  );
});
