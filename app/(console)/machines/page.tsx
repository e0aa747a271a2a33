import type { Metadata } from "next";
import Link from "next/link";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { Alarms } from "@/components/machines/alarms";
import { MachineFilters } from "@/components/machines/machine-filters";
import { MachineList } from "@/components/machines/machine-list";
import { SigningKeys } from "@/components/machines/signing-keys";
import { PageHeader } from "@/components/page-header";
import { buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";
import { toPlain } from "@/components/users/call-view";
import { listEnrolments } from "@/lib/machines/create-enrolment-token";
import { listSigningKeys } from "@/lib/machines/rotate-signing-key";
import { listAlarms } from "@/lib/offline/alarms";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import { nameOfUser } from "../name-of-user";
import { announceKeyAction, endKeyAction, forceKeyAction, seeAlarmAction } from "./actions";
import { listMachinePage, machinesQuery } from "./query";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("machines.title") };
}

/** Every machine that judges codes without a network, what about them needs a look, and the keys that they trust. */
export default consolePage("machine:read", async (ctx, { searchParams }) => {
  const query = machinesQuery.omit({ cursor: true }).safeParse(await searchParams);
  const [t, { formats }, first, alarms, pending, keys, userName] = await Promise.all([
    getTranslator(),
    getReader(),
    query.success ? listMachinePage(ctx, { ...query.data, cursor: undefined }) : null,
    listAlarms(ctx),
    listEnrolments(ctx),
    listSigningKeys(ctx),
    nameOfUser(ctx, query.data?.userId),
  ]);
  const manages = hasPermission(ctx.actor, "machine:manage");
  return (
    <ClientMessages namespaces={["machines", "staff", "detail"]}>
      <PageHeader title={t("machines.title")}>
        {manages ? (
          <Link
            href="/machines/enrol"
            className={buttonClass({ variant: "primary" })}
            data-command={t("machines.enrolButton")}
          >
            {t("machines.enrolButton")}
          </Link>
        ) : (
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span id="enrol-why" className="text-ink-soft text-xs">
              {t("machines.readOnly")}
            </span>
            <button
              type="button"
              aria-disabled="true"
              aria-describedby="enrol-why"
              className={buttonClass({ variant: "primary" })}
            >
              {t("machines.enrolButton")}
            </button>
          </p>
        )}
      </PageHeader>
      {alarms.length > 0 && (
        <div className="mb-4">
          <Alarms
            alarms={toPlain(alarms)}
            rights={{ manages, owns: hasPermission(ctx.actor, "server:manage") }}
            named
            see={seeAlarmAction}
          />
        </div>
      )}
      {pending.length > 0 && (
        <div className="mb-4">
          <Notice title={t("machines.pending.title", { count: pending.length })}>
            <p className="text-ink-soft text-xs">
              {pending
                .slice(0, 5)
                .map(({ machineName, expiresAt }) =>
                  t("machines.pending.line", { name: machineName, at: formats.clock(expiresAt) }),
                )
                .join(" · ")}
            </p>
          </Notice>
        </div>
      )}
      <MachineFilters userName={userName} />
      {first === null ? (
        <Notice tone="warn" title={t("machines.badFilters.title")}>
          {t("machines.badFilters.hint")}
        </Notice>
      ) : (
        <MachineList first={first} manages={manages} />
      )}
      <div className="mt-6">
        <SigningKeys
          keys={toPlain(keys)}
          acts={{ announce: announceKeyAction, force: forceKeyAction, end: endKeyAction }}
          why={manages ? null : t("machines.readOnly")}
        />
      </div>
    </ClientMessages>
  );
});
