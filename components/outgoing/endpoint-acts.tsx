"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { fetchLater } from "@/components/ui/fetch-later";
import { TextField } from "@/components/ui/field";
import { showToast } from "@/components/ui/toast";
import { toStepUpPath } from "@/lib/staff/return-path";
import { EndpointFields, isAboutFields, toEndpoint } from "./endpoint-fields";
import { messagesKey } from "./keys";
import type { Endpoint, EndpointActions } from "./views";
import { noAnswer, useOutgoingWords } from "./words";

const ActDialog = fetchLater(() => import("./act-dialog"));

const asked = ["change", "rotate", "disable", "enable", "replay", "end"] as const;
type Asked = (typeof asked)[number];

const hour = 3_600_000;

/** The buttons of an endpoint. All but a try ask first. */
export function EndpointActs({ endpoint, acts }: { endpoint: Endpoint; acts: EndpointActions }) {
  const t = useTranslations("outgoing.acts");
  const [asking, setAsking] = useState<Asked | null>(null);
  const { id: endpointId, description: name, disabledAt, dead } = endpoint;
  const isEnabled = disabledAt === null;
  const offered = asked.filter((act) => {
    if (act === "disable") return isEnabled;
    if (act === "enable") return !isEnabled;
    return act !== "replay" || dead > 0;
  });
  const onAct = async (act: Asked, form: FormData) => {
    switch (act) {
      case "change":
        return acts.change({ endpointId, ...toEndpoint(form) });
      case "rotate":
        return acts.rotate({ endpointId });
      case "disable":
      case "enable":
        return acts.enable({ endpointId, isEnabled: act === "enable" });
      case "replay": {
        const since = new Date(Date.now() - Number(form.get("hours")) * hour);
        const result = await acts.replay({ endpointId, since });
        if (result.ok) void showToast(t("replayed", { count: result.count }));
        return result;
      }
      case "end":
        return acts.end({ endpointId });
    }
  };
  return (
    <div className="flex flex-wrap gap-1.5">
      {isEnabled && <TryButton endpoint={endpoint} act={acts.try} />}
      {offered.map((act) => (
        <Button
          key={act}
          size="sm"
          variant={act === "end" ? "danger" : "plain"}
          aria-label={t("of", { act: t(act), name })}
          onClick={() => setAsking(act)}
        >
          {t(act)}
        </Button>
      ))}
      {asking !== null && (
        <Suspense fallback={null}>
          <ActDialog
            title={t(`ask.${asking}`, { name })}
            {...(asking === "change" ? {} : { description: t(`hint.${asking}`) })}
            act={asking === "change" ? t("save") : t(asking)}
            danger={asking === "end" || asking === "rotate"}
            name={name}
            fields={(refused) => {
              if (asking === "change") return <EndpointFields given={endpoint} refused={refused} />;
              return asking === "replay" ? <HoursField /> : null;
            }}
            showsItself={isAboutFields}
            onClose={() => setAsking(null)}
            onAct={(form) => onAct(asking, form)}
          />
        </Suspense>
      )}
    </div>
  );
}

function HoursField() {
  const t = useTranslations("outgoing.acts");
  return (
    <TextField
      id="replay-hours"
      name="hours"
      type="number"
      label={t("hours")}
      hint={t("hoursHint")}
      min={1}
      max={720}
      defaultValue={72}
      required
    />
  );
}

function TryButton({ endpoint, act }: { endpoint: Endpoint; act: EndpointActions["try"] }) {
  const t = useTranslations("outgoing.acts");
  const words = useOutgoingWords();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const result = await act({ endpointId: endpoint.id }).catch(noAnswer);
    setBusy(false);
    if (!result.ok && result.reason === "step_up_needed") {
      location.assign(toStepUpPath("/outgoing"));
      return;
    }
    void showToast(result.ok ? t("tried", { name: endpoint.description }) : words(result));
    void queries.invalidateQueries({ queryKey: messagesKey });
  };
  return (
    <Button
      size="sm"
      busy={busy}
      aria-label={t("of", { act: t("try"), name: endpoint.description })}
      onClick={() => void run()}
    >
      {t("try")}
    </Button>
  );
}
