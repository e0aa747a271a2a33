"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { readJson } from "@/components/read-json";
import { Notice } from "@/components/ui/state";
import type { Plain } from "@/components/users/call-view";
import type { MachineDetails } from "@/lib/machines/read-store";
import type { ReceiptPage } from "@/lib/offline/list-receipts";
import type { PreviewedUser } from "@/lib/offline/preview-machine";
import type { MachineCodes as Held } from "@/lib/offline/read-machine-codes";
import { Alarms, type AlarmView, type SeeAlarm } from "./alarms";
import { type EndActs, MachineActs } from "./machine-acts";
import { MachineCodes } from "./machine-codes";
import { MachineFacts } from "./machine-facts";
import { MachineHeader } from "./machine-header";
import { type Assign, Preflight } from "./preflight";
import { Receipts } from "./receipts";

const beatMs = 4_000;

/** Everything of a machine's page that moves, as it travels. */
export interface MachinePageView {
  machine: MachineDetails;
  /** null: it ended. */
  judged: Plain<PreviewedUser>[] | null;
  held: Plain<Held>;
  receipts: Plain<ReceiptPage>;
  alarms: AlarmView[];
}

/** One machine: what would work on it, who is on it, what it holds, said and raised, and its ends. It follows what the machine says. */
export function Machine({
  first,
  acts,
  rights,
}: {
  first: MachinePageView;
  acts: EndActs & { assign: Assign; unassign: Assign; see: SeeAlarm };
  rights: { manages: boolean; owns: boolean; readsLog: boolean };
}) {
  const t = useTranslations("machines");
  const { renderedAt } = useReader();
  const queries = useQueryClient();
  const { id } = first.machine;
  const queryKey = ["machine", id];
  const { data, isError } = useQuery({
    queryKey,
    queryFn: ({ signal }) => readJson<MachinePageView>(`/api/machines/${id}`, {}, signal),
    initialData: first,
    initialDataUpdatedAt: renderedAt,
    refetchInterval: beatMs,
  });
  const { machine, judged, held, receipts, alarms } = data;
  const why = rights.manages ? null : t("readOnly");
  const refresh = () => void queries.invalidateQueries({ queryKey });
  const see: SeeAlarm = async (input) => {
    const result = await acts.see(input);
    refresh();
    return result;
  };
  return (
    <>
      <MachineHeader machine={machine} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {isError && <Notice tone="warn" title={t("stale")} />}
          <Alarms
            alarms={alarms.filter(({ seenAt }) => seenAt === null)}
            rights={rights}
            named={false}
            see={see}
          />
          {judged !== null && (
            <Preflight
              machine={machine}
              judged={judged}
              why={why}
              assign={acts.assign}
              unassign={acts.unassign}
              onChanged={refresh}
            />
          )}
          <MachineCodes codes={held.codes} />
          <Receipts machineId={id} first={receipts} hasLog={rights.readsLog} />
          <Alarms
            alarms={alarms.filter(({ seenAt }) => seenAt !== null)}
            rights={rights}
            named={false}
            see={see}
          />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <MachineFacts machine={machine} hasLog={rights.readsLog} />
          <MachineActs machine={machine} held={held} acts={acts} why={why} onDone={refresh} />
        </div>
      </div>
    </>
  );
}
