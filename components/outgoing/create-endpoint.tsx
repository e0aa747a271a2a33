"use client";

import { Suspense, useState } from "react";
import { useTranslations } from "use-intl/react";
import { CreateButton } from "@/components/ui/create-button";
import { fetchLater } from "@/components/ui/fetch-later";
import type { CreateEndpointResult } from "@/lib/outgoing/create";
import type { CreateEndpointInput } from "@/lib/outgoing/input";
import type { Action } from "@/lib/staff/action";
import { EndpointFields, isAboutFields, toEndpoint } from "./endpoint-fields";

const ActDialog = fetchLater(() => import("./act-dialog"));

/** The button and the form that make an endpoint. `why`: the reason why the reader may make none. */
export function CreateEndpoint({
  create,
  why,
}: {
  create: Action<CreateEndpointInput, CreateEndpointResult>;
  why: string | null;
}) {
  const t = useTranslations("outgoing");
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <CreateButton label={t("create")} why={why} onCreate={() => setOpen(true)} />
      {open && (
        <Suspense fallback={null}>
          <ActDialog
            title={t("create")}
            act={t("make")}
            fields={(refused) => <EndpointFields refused={refused} />}
            showsItself={isAboutFields}
            onClose={() => setOpen(false)}
            onAct={(form) => create(toEndpoint(form))}
          />
        </Suspense>
      )}
    </div>
  );
}
