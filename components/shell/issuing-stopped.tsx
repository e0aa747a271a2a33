import { getReader, getTranslator } from "@/components/i18n/server";
import { ResumeIssuing } from "./resume-issuing";

/** Says on every page of staff that nothing is issued until an owner has looked. `resume`: null for who isn't one. */
export async function IssuingStopped({
  since,
  resume,
}: {
  since: Date;
  resume: Parameters<typeof ResumeIssuing>[0]["resume"] | null;
}) {
  const [t, { formats, now }] = await Promise.all([getTranslator(), getReader()]);
  return (
    <aside
      aria-label={t("shell.stopped.title")}
      className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b bg-danger-soft px-3 py-2 sm:px-6"
    >
      <p className="min-w-0 flex-1 basis-64">
        <strong className="font-semibold text-danger">{t("shell.stopped.title")}</strong>{" "}
        {t(resume === null ? "shell.stopped.text" : "shell.stopped.textOwner", {
          since: formats.moment(since, now),
        })}
      </p>
      {resume !== null && <ResumeIssuing resume={resume} />}
    </aside>
  );
}
