import { getTranslator } from "@/components/i18n/server";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/state";

/** Says that the page isn't for the reader's role. */
export default async function Forbidden() {
  const t = await getTranslator();
  return (
    <EmptyState title={<h1>{t("ui.forbidden.title")}</h1>}>
      <title>{t("ui.forbidden.title")}</title>
      <p>{t("ui.forbidden.hint")}</p>
      <a href="/" className={buttonClass({ className: "mt-5" })}>
        {t("ui.forbidden.home")}
      </a>
    </EmptyState>
  );
}
