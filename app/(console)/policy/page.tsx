import type { Metadata } from "next";
import { z } from "zod";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { PageHeader } from "@/components/page-header";
import { PolicyHistory, type ShownChange } from "@/components/policy/history";
import { PolicyForm } from "@/components/policy/policy-form";
import { getAt, listPolicyPaths, readBounds } from "@/components/policy/sections";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/state";
import { listPolicyChanges } from "@/lib/policy/history";
import { policySchema } from "@/lib/policy/model";
import { readCurrentPolicy } from "@/lib/policy/read";
import type { PolicyChange } from "@/lib/policy/store";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import { changePolicyAction } from "./actions";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("policy.title") };
}

const bounds = readBounds(z.toJSONSchema(policySchema, { io: "input" }));

function toShown({ version, at, by, before, after }: PolicyChange): ShownChange {
  const fields =
    before === null || after === null
      ? []
      : listPolicyPaths()
          .map((path) => ({ path, before: getAt(before, path), after: getAt(after, path) }))
          .filter((field) => JSON.stringify(field.before) !== JSON.stringify(field.after));
  return { version, at: at.toISOString(), by, fields };
}

/** What the company allows, who decided it when, and for who may the way to change it. */
export default consolePage("policy:read", async (ctx) => {
  const [t, { formats, now }, { version, policy }, changes] = await Promise.all([
    getTranslator(),
    getReader(),
    readCurrentPolicy(ctx),
    listPolicyChanges(ctx),
  ]);
  const mayChange = hasPermission(ctx.actor, "policy:change");
  const newest = changes[0];
  return (
    <ClientMessages namespaces={["policy"]}>
      <PageHeader title={t("policy.title")}>
        <p className="text-ink-soft">
          {newest === undefined
            ? t("policy.defaults")
            : t("policy.since", {
                version: newest.version,
                name: newest.by ?? t("policy.nobody"),
                at: formats.moment(newest.at, now),
              })}
        </p>
      </PageHeader>
      {!mayChange && (
        <div className="mb-4">
          <Notice title={t("policy.readOnly")} />
        </div>
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_19rem]">
        <PolicyForm
          key={version}
          version={version}
          policy={policy}
          bounds={bounds}
          change={mayChange ? changePolicyAction : null}
        />
        <Card titleId="policy-before" title={t("policy.before")}>
          {changes.length === 0 ? (
            <p className="px-4 py-3.5 text-ink-soft">{t("policy.neverChanged")}</p>
          ) : (
            <PolicyHistory changes={changes.map(toShown)} />
          )}
        </Card>
      </div>
    </ClientMessages>
  );
});
